import assert from "node:assert/strict";
import { it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { createAskWorker } from "./ask-worker.ts";
import type { AskOptions, Asking } from "./ask-worker.ts";

it("a worker that its hive knows no more is gone, and the task is decided anew", async () => {
  const said: string[] = [];
  const askWorker = createAskWorker({
    hives: {
      workerAddress: () => Promise.reject(new RbeeError("WORKER_NOT_FOUND", { worker_id: "w1" })),
      forgetAddress: () => said.push("forgotten"),
    },
    dispatcher: { refused: () => said.push("slot given back") },
    inferenceTimeoutMs: 60_000,
  } as unknown as AskOptions);
  const hop = { correlationId: "c", deadline: undefined, signal: new AbortController().signal };
  const asking = { order: { request: {}, hop }, record: { id: "t1" }, worker: { id: "w1" } };
  const answer = await askWorker(asking as unknown as Asking);
  assert.equal(answer.kind, "gone");
  assert.deepEqual(said, ["forgotten", "slot given back"]);
});
