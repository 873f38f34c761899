// What a key opens: who it says that one is, its scope, its rate, its end.

import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { defineRoutes, RbeeError } from "@rbee/contract";
import { z } from "zod";
import type { KeyAccess, KeyRing } from "./authenticate.ts";
import type { Caller } from "./call.ts";
import { createApp } from "./create-app.ts";
import { createLogger } from "./create-logger.ts";
import { createServer } from "./create-server.ts";
import { createMetrics } from "./metrics.ts";
import { rateHeaders } from "./rate-headers.ts";
import type { RateStanding } from "./rate-headers.ts";

const client: Caller = {
  id: "key-1",
  name: "laptop",
  scope: "use",
  models: ["hello-bee"],
  priority: "normal",
};
const standing: RateStanding = {
  limit: 60,
  windowSeconds: 60,
  isAllowed: true,
  remaining: 41,
  waitMs: 0,
  resetMs: 18200,
};
const endings = new Set<(reason: RbeeError) => void>();
const counted: RateStanding[] = [];
let next = standing;
const access: KeyAccess = {
  caller: client,
  countRequest() {
    counted.push(next);
    return next;
  },
  watchEnd(onEnd) {
    endings.add(onEnd);
    return () => endings.delete(onEnd);
  },
};
const ring: KeyRing = {
  isEmpty: () => false,
  find(key) {
    if (key === "expired") throw new RbeeError("KEY_EXPIRED", { key: "old", expired_unix: 7 });
    return key === "laptop" ? access : undefined;
  },
};

const who = { answer: z.object({ caller: z.unknown() }), errors: [], summary: "w" } as const;
const routes = defineRoutes({
  look: { method: "get", path: "/look", scope: "use", ...who },
  work: { method: "post", path: "/work", scope: "use", ...who },
  operate: { method: "post", path: "/operate", ...who },
  open: { method: "get", path: "/open", needsKey: false, ...who },
  endless: { method: "get", path: "/endless", scope: "use", ...who, endless: true },
  wait: { method: "get", path: "/wait", scope: "use", ...who },
});
const answer = ({ caller }: { readonly caller: Caller }) => ({ caller });
const until = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
const app = createApp({
  program: "queen-rbee",
  version: "0.1.0",
  routes,
  currentKey: () => "0123456789abcdef",
  keyRing: ring,
  logger: createLogger({ program: "test", sinks: [] }),
  metrics: createMetrics("test"),
  handlers: {
    look: answer,
    work: answer,
    operate: answer,
    open: answer,
    endless: (call) => call.stream(async ({ signal }) => await until(signal)),
    wait: async ({ signal }) => {
      await until(signal);
      throw signal.reason;
    },
  },
});

const server = createServer(app);
let base = "";
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

const send = (path: string, key: string | undefined, method = "GET") =>
  fetch(`${base}${path}`, {
    method,
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  });
const callerIn = async (response: Response) =>
  ((await response.json()) as { caller: Caller }).caller;
const codeIn = async (response: Response) => {
  const { error } = (await response.json()) as { error: { code: string } };
  return [response.status, error.code];
};

describe("a key", () => {
  it("tells who asks; the key of the file is this machine, without a need it is the address", async () => {
    assert.deepEqual(await callerIn(await send("/look", "laptop")), client);
    const local = await callerIn(await send("/operate", "0123456789abcdef", "POST"));
    assert.deepEqual([local.id, local.name, local.scope], ["local", "this machine", "operate"]);
    const anybody = await callerIn(await send("/open", undefined));
    assert.deepEqual([anybody.id, anybody.scope], ["127.0.0.1", "operate"]);
  });

  it("of scope use opens no route that is not marked so", async () => {
    const refused = await send("/operate", "laptop", "POST");
    assert.deepEqual(await codeIn(refused), [403, "KEY_SCOPE_DENIED"]);
    assert.equal(counted.length, 0, "what was refused is not counted");
  });

  it("that has expired says so", async () => {
    const refused = await send("/look", "expired");
    assert.equal(refused.headers.get("www-authenticate"), "Bearer");
    assert.deepEqual(await codeIn(refused), [401, "KEY_EXPIRED"]);
  });

  it("has its rate counted for what is asked of it, not for a look", async () => {
    counted.length = 0;
    const looked = await send("/look", "laptop");
    assert.equal(looked.headers.get("x-ratelimit-limit-requests"), null);
    const worked = await send("/work", "laptop", "POST");
    const { headers } = worked;
    assert.deepEqual(
      ["limit", "remaining", "reset"].map((name) => headers.get(`x-ratelimit-${name}-requests`)),
      ["60", "41", "19s"],
    );
    assert.equal(counted.length, 1);
    next = { ...standing, isAllowed: false, remaining: 0, waitMs: 1234.5 };
    const refused = await send("/work", "laptop", "POST");
    next = standing;
    const waits = ["retry-after", "retry-after-ms"].map((name) => refused.headers.get(name));
    assert.deepEqual(waits, ["2", "1235"]);
    assert.equal(refused.headers.get("x-ratelimit-remaining-requests"), "0");
    assert.deepEqual(await codeIn(refused), [429, "RATE_LIMITED"]);
  });

  it("that ends takes its requests with it, whether they stream or wait", async () => {
    const asked = [send("/endless", "laptop"), send("/wait", "laptop")] as const;
    const stream = await asked[0];
    while (endings.size < 2) await new Promise((resolve) => setImmediate(resolve));
    for (const end of endings) end(new RbeeError("KEY_REVOKED", { key: "laptop" }));
    assert.match(await stream.text(), /^data: \{"type":"error".*KEY_REVOKED.*\n\n$/);
    assert.deepEqual(await codeIn(await asked[1]), [401, "KEY_REVOKED"]);
    while (endings.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("the headers of a rate", () => {
  it("write durations as OpenAI does", () => {
    const reset = (resetMs: number) =>
      rateHeaders({ ...standing, resetMs })["x-ratelimit-reset-requests"];
    assert.deepEqual([0, 12.2, 999, 1000, 59_001, 360_000, 3_605_000].map(reset), [
      "0ms",
      "13ms",
      "999ms",
      "1s",
      "1m0s",
      "6m0s",
      "1h0m5s",
    ]);
  });
});
