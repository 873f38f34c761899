// One request through all four programs, as a collector of OpenTelemetry sees it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createBox, eventually, startTraceCollector } from "@rbee/testkit";
import type { Box, CollectedSpan } from "@rbee/testkit";

const prompt = "a-secret-that-no-span-may-hold";

async function inferAndStop(box: Box): Promise<void> {
  const run = await box.keeper(["infer", prompt, "--max-tokens", "6", "--raw"]);
  assert.equal(run.end()?.code, 0, run.stderr());
  const stop = await box.keeper(["queen", "stop"]);
  assert.equal(stop.end()?.code, 0, stop.stderr());
}

/** The names of a span and of all above it, from the first of its trace. */
function pathOf(span: CollectedSpan, all: readonly CollectedSpan[]): string[] {
  const parent = all.find(({ spanId }) => spanId === span.parentSpanId);
  const own = `${span.service} ${span.name}`;
  return parent === undefined ? [own] : [...pathOf(parent, all), own];
}

describe("traces", () => {
  it("are one tree from the keeper's command to the worker's tokens", async () => {
    await using collector = await startTraceCollector();
    await using box = await createBox({
      settings: { telemetry: { otlp_endpoint: collector.endpoint } },
    });
    await inferAndStop(box);
    const { spans } = collector;
    const root = spans.find(({ name }) => name === "infer");
    assert.ok(root !== undefined, spans.map(({ name }) => name).join());
    assert.equal(root.parentSpanId, "");
    const ofTrace = spans.filter(({ traceId }) => traceId === root.traceId);
    const paths = ofTrace.map((span) => pathOf(span, ofTrace).join(" > "));
    const task = "rbee-keeper infer > queen-rbee task";
    const spawn = `${task} > rbee-hive spawn`;
    const expected = [
      `${task} > queen-rbee placing`,
      `${task} > queen-rbee starting-hive`,
      `${spawn} > rbee-hive catalogue`,
      `${spawn} > rbee-hive preflight`,
      `${spawn} > rbee-hive start`,
      `${spawn} > rbee-hive load`,
      `${task} > queen-rbee loading`,
      `${task} > queen-rbee inferring`,
      `${task} > llm-worker-rbee inference > llm-worker-rbee prompt`,
      `${task} > llm-worker-rbee inference > llm-worker-rbee decode`,
    ];
    for (const path of expected) assert.ok(paths.includes(path), `${path}\n${paths.join("\n")}`);
    const inference = ofTrace.find(({ name }) => name === "inference");
    assert.ok(Number(inference?.attributes["gen_ai.usage.output_tokens"]) > 0);
    assert.ok(Number(inference?.attributes["gen_ai.usage.input_tokens"]) > 0);
    assert.equal(ofTrace.find(({ name }) => name === "task")?.attributes["outcome"], "done");
    requireOrder(ofTrace);
    for (const body of collector.bodies) assert.ok(!body.includes(prompt));
  });

  it("tell what went wrong by its code, and go on with the trace of whoever asks", async () => {
    await using collector = await startTraceCollector();
    await using box = await createBox({
      settings: { telemetry: { otlp_endpoint: collector.endpoint } },
    });
    await box.startQueenAsOperator();
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const body = { model: "file:/no/such/model.gguf", prompt };
    let code: string | undefined;
    for await (const event of await box.queen().stream("createTask", { body, traceparent })) {
      if (event.type === "error") ({ code } = event.error);
    }
    assert.ok(code !== undefined);
    const find = () => collector.spans.find(({ name }) => name === "task");
    const task = await eventually(find, { timeoutMs: 30_000 });
    assert.equal(task.traceId, traceId);
    assert.equal(task.parentSpanId, "b7ad6b7169203331");
    assert.equal(task.isError, true);
    assert.equal(task.attributes["error.type"], code);
  });

  it("are kept or left out as a whole, by the ratio", async () => {
    await using collector = await startTraceCollector();
    const telemetry = { otlp_endpoint: collector.endpoint, sample_ratio: 0 };
    await using box = await createBox({ settings: { telemetry } });
    await inferAndStop(box);
    assert.equal(collector.requests(), 0);
  });

  it("are nothing without the option", async () => {
    await using collector = await startTraceCollector();
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint };
    await using box = await createBox({ environment });
    await inferAndStop(box);
    assert.equal(collector.requests(), 0);
  });

  it("hold nothing up when the collector hangs or is not there", async () => {
    await using collector = await startTraceCollector({ isMute: true });
    const telemetry = { otlp_endpoint: collector.endpoint };
    await using box = await createBox({ settings: { telemetry } });
    await inferAndStop(box);
    assert.ok(collector.requests() > 0);
    box.configure({ telemetry: { otlp_endpoint: "http://127.0.0.1:9" } });
    const status = await box.keeper(["workers", "list"]);
    assert.equal(status.end()?.code, 0, status.stderr());
    const stop = await box.keeper(["queen", "stop"]);
    assert.equal(stop.end()?.code, 0, stop.stderr());
    assert.deepEqual(box.processes(), []);
  });
});

// A child lies within its parent, give or take what clocks of one machine read.
function requireOrder(spans: readonly CollectedSpan[]): void {
  const toleranceMs = 5;
  for (const span of spans) {
    assert.ok(span.endedAtMs >= span.startedAtMs, span.name);
    const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
    if (parent === undefined) continue;
    assert.ok(span.startedAtMs + toleranceMs >= parent.startedAtMs, `${span.name} begins early`);
    assert.ok(span.endedAtMs <= parent.endedAtMs + toleranceMs, `${span.name} ends late`);
  }
}
