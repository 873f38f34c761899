import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineRoutes, RbeeError } from "@rbee/contract";
import { z } from "zod";
import { createBoundedLabel } from "./bounded-label.ts";
import { createApp } from "./create-app.ts";
import { createLogger } from "./create-logger.ts";
import { createMetrics } from "./metrics.ts";
import type { MetricsAccess } from "./metrics.ts";

const key = "0123456789abcdef";
const routes = defineRoutes({
  find: { method: "get", path: "/find/:what", summary: "f", answer: z.object({}), errors: [] },
});

function createExample(foreign = "") {
  const world: { access: MetricsAccess } = { access: "public" };
  const app = createApp({
    program: "queen-rbee",
    version: "0.1.0",
    routes,
    currentKey: () => key,
    logger: createLogger({ program: "test", sinks: [] }),
    metrics: createMetrics("queen-rbee", { version: "0.1.0" }),
    metricsAccess: () => world.access,
    foreignMetrics: async () => foreign,
    handlers: {
      find: ({ params }) => {
        if (params["what"] === "nothing") throw new RbeeError("MODEL_NOT_FOUND", missing);
        return {};
      },
    },
  });
  const ask = async (path: string, shown = key) =>
    await app.request(path, { headers: { authorization: `Bearer ${shown}` } });
  return { world, app, ask, read: async () => await (await ask("/metrics")).text() };
}

const missing = { model: "nothing", candidates: [] };

function valueOf(text: string, name: string): number {
  const found = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1];
  assert.ok(found !== undefined, `${name} is missing`);
  return Number(found);
}

describe("the metrics of every daemon", () => {
  it("count each answer with the status that it had", async () => {
    const { ask, read } = createExample();
    await ask("/find/bees");
    await ask("/find/nothing");
    await ask("/find/bees", "not-the-right-key");
    const text = await read();
    for (const status of [200, 404, 401]) {
      assert.match(
        text,
        new RegExp(`^rbee_http_requests_total\\{route="find",status="${status}".*\\} 1$`, "m"),
      );
    }
    assert.match(text, /^rbee_http_request_duration_seconds_count\{.*route="find".*\} 3$/m);
  });

  it("tell what the process uses, read anew each time", async () => {
    const { read } = createExample();
    const before = await read();
    // Of this process, however busy the machine is.
    const untilMicros = process.cpuUsage().user + 60_000;
    while (process.cpuUsage().user < untilMicros) Math.sqrt(untilMicros);
    const after = await read();
    for (const name of ["process_cpu_seconds_total", "nodejs_eventloop_active_seconds_total"]) {
      assert.ok(valueOf(after, name) - valueOf(before, name) > 0.02, name);
    }
    assert.ok(valueOf(after, "process_resident_memory_bytes") > 1e6);
    assert.ok(valueOf(after, "nodejs_eventloop_lag_seconds") >= 0);
    assert.match(after, /^rbee_build_info\{version="0\.1\.0",program="queen-rbee"\} 1$/m);
  });

  it("are for everybody, for those with a key, or for nobody", async () => {
    const { world, app, ask } = createExample();
    assert.equal((await app.request("/metrics")).status, 200);
    world.access = "key";
    assert.equal((await app.request("/metrics")).status, 401);
    assert.equal((await ask("/metrics")).status, 200);
    world.access = "off";
    assert.equal((await ask("/metrics")).status, 404);
  });

  it("end with what others counted", async () => {
    const foreign = "# TYPE rbee_other_total counter\nrbee_other_total 7\n";
    const text = await createExample(foreign).read();
    assert.ok(text.endsWith(`\n${foreign}`), text.slice(-200));
  });
});

describe("a bounded label", () => {
  it("keeps the first values and calls all others by one name", () => {
    const bounded = createBoundedLabel(2);
    assert.deepEqual(["a", "b", "c", "a", "d"].map(bounded), ["a", "b", "other", "a", "other"]);
  });
});
