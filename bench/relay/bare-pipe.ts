// The least that a relay in Node can do: passes the request on and pipes the answer back, without
// looking at either. What the queen costs is measured against it.
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

const upstream = process.argv[2] ?? "";
const agent = new Agent({ keepAlive: true });
const server = createServer((incoming, outgoing) => {
  const sent = request(
    upstream + (incoming.url ?? ""),
    { method: incoming.method ?? "GET", headers: incoming.headers, agent },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  sent.on("error", () => outgoing.destroy());
  outgoing.on("close", () => sent.destroy());
  incoming.pipe(sent);
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
