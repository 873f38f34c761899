import { queueTurns, RbeeError } from "@rbee/contract";
import type { TaskPriority } from "@rbee/contract";
import type { CostlyRequest } from "../domain/estimate-task-cost.ts";
import type { PlacementRequest } from "../domain/place-task.ts";
import type { RoomShortage } from "../domain/find-shortage.ts";
import type { WorkerFacts } from "../domain/placement-facts.ts";
import type { TaskQueue, WaitingTask } from "../domain/task-queue.ts";
import type { PositionTeller } from "./tell-positions.ts";

export interface DispatchRequest {
  readonly taskId: string;
  readonly source: string;
  readonly placement: PlacementRequest;
  /** How much work it is, and how urgent. */
  readonly request?: CostlyRequest & { readonly priority?: TaskPriority | undefined };
  /** Set when it had a turn already that came to nothing: since when it waits in all. */
  readonly waitsSinceMs?: number | undefined;
}

/** A turn in the queue: a reserved worker, or news that make a new decision necessary. */
export type Turn =
  | { readonly kind: "use"; readonly worker: WorkerFacts }
  | { readonly kind: "again" };

export interface WaitOptions {
  readonly signal: AbortSignal;
  /** The estimate is undefined while there is nothing that it could rest on. */
  readonly onPosition: (position: number, estimatedWaitMs: number | undefined) => void;
}

/** A place in the queue; `turn` may be waited for once. */
export interface Ticket {
  readonly sinceMs: number;
  readonly turn: (options: WaitOptions) => Promise<Turn>;
  /** From 1, 0 when it has its turn; in a long queue, which is not counted for one, its length. */
  readonly position: () => number;
  readonly leave: () => void;
}

/** Somebody who waits, as the dispatcher keeps him. */
export interface Waiting {
  readonly request: DispatchRequest;
  readonly grant: (turn: Turn) => void;
  onPosition: WaitOptions["onPosition"];
  /** 0 until he was told one. */
  toldPosition: number;
  toldAtMs: number;
  waitMs: number | undefined;
}

export interface TicketInput {
  readonly options: { readonly queueWaitMs: number };
  readonly queue: TaskQueue;
  readonly waiting: Map<string, Waiting>;
  readonly positions: PositionTeller;
  readonly request: DispatchRequest;
  readonly task: WaitingTask;
  /** What is missing where it would fit first, while it waits for memory and not for a slot. */
  readonly shortage: () => RoomShortage | undefined;
  readonly leave: () => void;
}

/** For a task that is in the queue already. */
export function openTicket(input: TicketInput): Ticket {
  const { queue, waiting, positions, request, task, leave } = input;
  const { promise: granted, resolve: grant } = Promise.withResolvers<Turn>();
  const toldNothing = { toldPosition: 0, toldAtMs: Number.NEGATIVE_INFINITY, waitMs: undefined };
  const entry: Waiting = { request, grant, onPosition: () => {}, ...toldNothing };
  waiting.set(request.taskId, entry);
  return {
    leave,
    position: () => positionOf(queue, task),
    sinceMs: task.sinceMs,
    async turn(wait) {
      entry.onPosition = wait.onPosition;
      Object.assign(entry, toldNothing);
      positions.arrived(queue, task);
      return await waitForTurn({ ...input, entry, wait, granted });
    },
  };
}

function positionOf(queue: TaskQueue, task: WaitingTask): number {
  if (queue.length() > queueTurns.countedAtOnceMax) return queue.length();
  return [...queue.order()].findIndex(({ taskId }) => taskId === task.taskId) + 1;
}

interface TurnInput extends TicketInput {
  readonly entry: Waiting;
  readonly wait: WaitOptions;
  readonly granted: Promise<Turn>;
}

async function waitForTurn(input: TurnInput): Promise<Turn> {
  const { options, wait, leave, granted, task } = input;
  const waitedMs = () => performance.now() - task.sinceMs;
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const abort = () => reject(wait.signal.reason);
  const limit = setTimeout(() => {
    reject(new RbeeError("QUEUE_TIMEOUT", timeoutDetails(waitedMs(), input)));
  }, options.queueWaitMs - waitedMs());
  if (wait.signal.aborted) abort();
  wait.signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([granted, ended]);
  } catch (error) {
    // A slot that was granted in the same moment is given back when the task ends.
    leave();
    throw error;
  } finally {
    clearTimeout(limit);
    wait.signal.removeEventListener("abort", abort);
  }
}

function timeoutDetails(waitedMs: number, { entry, shortage }: TurnInput) {
  const { toldPosition: position, waitMs } = entry;
  const found = shortage();
  return {
    waited_seconds: waitedMs / 1000,
    position,
    ...(waitMs === undefined ? {} : { estimated_wait_seconds: waitMs / 1000 }),
    ...(found === undefined ? {} : { memory: shortageToWire(found) }),
  };
}

function shortageToWire({ node, requiredMb, availableMb }: RoomShortage) {
  return { node, required_mb: requiredMb, available_mb: availableMb };
}
