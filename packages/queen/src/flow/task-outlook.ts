import type { Placement, PlacementRequest } from "../domain/place-task.ts";
import type { WorkerFacts } from "../domain/placement-facts.ts";
import type { WorkerStream } from "./ask-worker.ts";
import type { Ticket } from "./queue-ticket.ts";

/** How a task begins: with a decision, in the queue, or with a worker that took it already. */
export type TaskStart =
  | { readonly kind: "placed"; readonly placement: Exclude<Placement, { kind: "refuse" }> }
  | { readonly kind: "queued"; readonly ticket: Ticket }
  | { readonly kind: "asked"; readonly worker: WorkerFacts; readonly stream: WorkerStream };

/** What is known of a task's way when it is let in. */
export interface TaskOutlook {
  readonly node: string | undefined;
  /** Set when a worker that is ready has a slot for it. */
  readonly workerId: string | undefined;
  /** Counted when it is asked for. */
  readonly queuePosition: () => number | undefined;
}

/** What the beginning of a task tells of its way. */
export function taskOutlook(placement: PlacementRequest, start: TaskStart): TaskOutlook {
  return {
    node: chosenNode(start) ?? placement.node,
    workerId: chosenWorker(start)?.id,
    queuePosition: () => (start.kind === "queued" ? start.ticket.position() : undefined),
  };
}

function chosenWorker(start: TaskStart): WorkerFacts | undefined {
  if (start.kind === "asked") return start.worker;
  if (start.kind === "queued" || start.placement.kind !== "use") return undefined;
  return start.placement.worker;
}

function chosenNode(start: TaskStart): string | undefined {
  if (start.kind === "asked") return start.worker.node;
  if (start.kind === "queued" || start.placement.kind === "wait") return undefined;
  return start.placement.kind === "use" ? start.placement.worker.node : start.placement.node;
}
