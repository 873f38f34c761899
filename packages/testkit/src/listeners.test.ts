import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { listListeningPorts, parseListeningPorts } from "./listeners.ts";

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
   1: 0100007F:23F0 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 2
`;

describe("the list of listening ports", () => {
  it("holds ports that are listened on, and no connections", () => {
    assert.deepEqual(parseListeningPorts(table), [8080]);
  });

  it("sees a listener of this process, and no longer when it is closed", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    assert.ok(listListeningPorts().has(port));
    server.close();
    await once(server, "close");
    assert.equal(listListeningPorts().has(port), false);
  });
});
