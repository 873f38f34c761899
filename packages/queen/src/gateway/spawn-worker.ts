import { errorFromWire, RbeeError, timings } from "@rbee/contract";
import type { HiveSpawnEvent } from "@rbee/contract";
import type { HiveClient } from "@rbee/sdk";
import type { ViewWorker } from "../domain/worker-view.ts";
import type { NodeAccess, SpawnRequest, Story } from "../ports.ts";
import { withNode } from "./hive-failure.ts";
import { workerFromWire } from "./hive-link.ts";

export interface SpawnOptions {
  readonly node: NodeAccess;
  readonly client: HiveClient;
  readonly request: SpawnRequest;
  readonly story: Story;
  /** Limit for the hive's first answer: preflight and the worker's ready call. */
  readonly answerTimeoutMs: number;
}

/** Asks a hive for a worker and follows the story until it is ready. Throws what stopped it. */
export async function spawnWorker(options: SpawnOptions): Promise<ViewWorker> {
  const { node, client, request, story, answerTimeoutMs } = options;
  const { model, backend, device, slots, context, keep } = request;
  const answer = await client.call("spawnWorker", {
    body: { model_ref: model, backend, device, slots, context, keep },
    timeoutMs: answerTimeoutMs,
  });
  const events = await client.stream("workerEvents", {
    params: { id: answer.worker_id },
    silenceMs: timings.keepAliveMs,
    timeoutMs: answerTimeoutMs,
  });
  for await (const event of events) {
    const worker = applyEvent(event, { node, workerId: answer.worker_id, story });
    if (worker !== undefined) return worker;
  }
  const found = "the stream ended without a worker";
  throw new RbeeError("INVALID_RESPONSE", { from: "rbee-hive", expected: "a worker", found });
}

interface Following {
  readonly node: NodeAccess;
  readonly workerId: string;
  readonly story: Story;
}

function applyEvent(event: HiveSpawnEvent, following: Following): ViewWorker | undefined {
  const { node, workerId, story } = following;
  switch (event.type) {
    case "narration":
    case "progress":
      story({ type: "relay", event: { ...event, node: node.name, worker_id: workerId } });
      return undefined;
    case "done":
      return workerFromWire(node.name, event.worker);
    default:
      throw withNode(
        errorFromWire(event.error) ??
          new RbeeError("INVALID_RESPONSE", {
            from: "rbee-hive",
            expected: "an error of the catalogue",
            found: event.error.code,
          }),
        node.name,
      );
  }
}
