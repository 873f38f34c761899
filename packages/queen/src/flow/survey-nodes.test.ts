import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PlacementEstimate } from "@rbee/contract";
import { placementKey } from "../domain/place-task.ts";
import { toldDevices as devices, toldWorker } from "../domain/view-fixture.ts";
import { createWorkerView } from "../domain/worker-view.ts";
import type { NodeAccess } from "../ports.ts";
import { surveyNode } from "./survey-nodes.ts";
import type { SurveyWorld } from "./survey-nodes.ts";

const now = "2026-11-23T12:00:00.000Z";
const request = { model: "large" };
const hop = {
  correlationId: "c1",
  traceparent: undefined,
  deadline: undefined,
  signal: new AbortController().signal,
};

const worker = { ...toldWorker, node: "mac" };
const short: PlacementEstimate = {
  verdict: "short",
  on_disk: true,
  size_bytes: 1,
  size_from: "catalogue",
  measured: false,
  backend: "cpu",
  device: 0,
  slots: 1,
  context: 2048,
  required_mb: 500,
  available_mb: 100,
  places: [{ backend: "cpu", device: 0, pool: "ram", required_mb: 500, available_mb: 100 }],
  error: {
    code: "INSUFFICIENT_RAM",
    message: "m",
    details: { model: "large", node: "mac", required: 500, available: 100 },
  },
};

function ask(whileAsked: (view: ReturnType<typeof createWorkerView>, asks: number) => void) {
  const view = createWorkerView(() => ["mac"]);
  view.snapshot("mac", { version: "0.1.0", devices, workers: [worker] }, now);
  let asks = 0;
  const call = async () => {
    asks += 1;
    whileAsked(view, asks);
    return await Promise.resolve(short);
  };
  const hives = { client: () => ({ call }) } as unknown as SurveyWorld["hives"];
  const node = { name: "mac" } as NodeAccess;
  const survey = { request, hop, lookUp: false };
  const verdict = () => {
    const facts = view.facts(0);
    const known = facts.findNode("mac");
    return known && facts.estimatesOf(placementKey(request)).of(known)?.verdict;
  };
  return { asked: surveyNode({ hives, view }, node, survey), verdict, asks: () => asks };
}

describe("what a hive says of a request", () => {
  it("is kept for the decisions that follow", async () => {
    const { asked, verdict } = ask(() => {});
    assert.equal((await asked)?.verdict, "short");
    assert.equal(verdict(), "short");
  });

  it("is asked again when a worker that it counted with has gone meanwhile", async () => {
    const { asked, verdict, asks } = ask((view, count) => {
      if (count === 1) view.workerGone(worker);
    });
    assert.equal((await asked)?.verdict, "short");
    assert.deepEqual([asks(), verdict()], [2, "short"]);
  });

  it("is not kept where workers come and go all the time", async () => {
    const { asked, verdict, asks } = ask((view) => {
      view.workerGone(worker);
      view.workerChanged(worker);
    });
    assert.equal((await asked)?.verdict, "short");
    assert.deepEqual([asks(), verdict()], [3, undefined]);
  });
});
