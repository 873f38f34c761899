import { RbeeError, timings } from "@rbee/contract";
import { placeTask } from "../domain/place-task.ts";
import type { Placement, PlacementRequest, WorkerFacts } from "../domain/place-task.ts";
import { createTaskQueue, retryAfterSeconds } from "../domain/task-queue.ts";
import type { TaskQueue } from "../domain/task-queue.ts";
import type { WorkerKey, WorkerView } from "../domain/worker-view.ts";

export interface DispatchRequest {
  readonly taskId: string;
  readonly source: string;
  readonly placement: PlacementRequest;
  /** Set when it had a turn already that came to nothing: since when it waits in all. */
  readonly waitsSinceMs?: number | undefined;
}

/** A turn in the queue: a reserved worker, or news that make a new decision necessary. */
export type Turn =
  | { readonly kind: "use"; readonly worker: WorkerFacts }
  | { readonly kind: "again" };

export interface WaitOptions {
  readonly signal: AbortSignal;
  readonly onPosition: (position: number) => void;
}

/** A place in the queue; `turn` may be waited for once. */
export interface Ticket {
  readonly sinceMs: number;
  readonly turn: (options: WaitOptions) => Promise<Turn>;
  readonly leave: () => void;
}

interface Waiting {
  readonly request: DispatchRequest;
  readonly grant: (turn: Turn) => void;
  onPosition: (position: number) => void;
  position: number;
  toldAtMs: number;
}

export interface DispatcherOptions {
  readonly view: WorkerView;
  readonly queueLimit: number;
  readonly queueWaitMs: number;
  readonly onQueued: (waitedMs: number) => void;
}

export type Dispatcher = ReturnType<typeof createDispatcher>;

/**
 * Gives slots to tasks. Every decision and its reservation happen in one turn of the event loop;
 * whoever waits is served before whoever comes.
 */
export function createDispatcher(options: DispatcherOptions) {
  const { view } = options;
  const queues = new Map<string, TaskQueue>();
  const waiting = new Map<string, Waiting>();
  const reservedAtMs = new Map<string, number>();
  const durations = createAverage();

  const place = ({ taskId, placement }: DispatchRequest): Placement => {
    const decision = placeTask(placement, view.facts(performance.now()));
    if (decision.kind === "use") {
      view.reserve(decision.worker, taskId, performance.now());
      reservedAtMs.set(taskId, performance.now());
    }
    return decision;
  };
  const serve = (queue: TaskQueue, entry: Waiting) => {
    const decision = place(entry.request);
    if (decision.kind === "wait") return;
    queue.take(entry.request.taskId);
    waiting.delete(entry.request.taskId);
    entry.grant(decision.kind === "use" ? decision : { kind: "again" });
  };
  const pump = () => {
    for (const [model, queue] of queues) {
      for (const { taskId } of queue.order()) {
        const entry = waiting.get(taskId);
        if (entry !== undefined) serve(queue, entry);
      }
      tellPositions(queue, waiting);
      if (queue.length() === 0) queues.delete(model);
    }
  };
  return {
    /** Decides, and reserves the slot when the decision is to use a worker. */
    place,
    /** Throws QUEUE_FULL. The place is taken at once, before anybody waits for it. */
    enqueue(request: DispatchRequest): Ticket {
      const queue = queues.get(request.placement.model) ?? createTaskQueue(options.queueLimit);
      const { taskId, source, waitsSinceMs, placement } = request;
      const task = { taskId, source, sinceMs: waitsSinceMs ?? performance.now() };
      if (waitsSinceMs !== undefined) queue.putBack(task);
      else if (!queue.add(task)) {
        throw queueFull(options, { queue, view, taskMs: durations.value() });
      }
      queues.set(placement.model, queue);
      return openTicket({ options, queue, waiting, request, sinceMs: task.sinceMs });
    },
    /** The task needs its slot no more. */
    release(taskId: string): void {
      view.release(taskId);
      const since = reservedAtMs.get(taskId);
      if (since !== undefined) durations.add(performance.now() - since);
      reservedAtMs.delete(taskId);
      pump();
    },
    /** The worker said itself that it has no slot; it is asked again after a moment. */
    refused(worker: WorkerKey, taskId: string): void {
      view.refuse(worker, performance.now() + timings.slotRefusalMs);
      view.release(taskId);
      setTimeout(pump, timings.slotRefusalMs + 1).unref();
    },
    /** Something is known that was not: waiting tasks may go on. */
    pump,
    length: () => waiting.size,
  };
}

interface TicketInput {
  readonly options: DispatcherOptions;
  readonly queue: TaskQueue;
  readonly waiting: Map<string, Waiting>;
  readonly request: DispatchRequest;
  readonly sinceMs: number;
}

function openTicket({ options, queue, waiting, request, sinceMs }: TicketInput): Ticket {
  const { promise: granted, resolve: grant } = Promise.withResolvers<Turn>();
  const entry: Waiting = { request, grant, onPosition: () => {}, position: 0, toldAtMs: 0 };
  waiting.set(request.taskId, entry);
  const leave = () => {
    waiting.delete(request.taskId);
    if (queue.remove(request.taskId) !== undefined) tellPositions(queue, waiting);
  };
  return {
    leave,
    sinceMs,
    turn(wait) {
      entry.onPosition = wait.onPosition;
      entry.position = 0;
      entry.toldAtMs = Number.NEGATIVE_INFINITY;
      tellPositions(queue, waiting);
      return waitForTurn({ options, entry, wait, leave, granted, sinceMs });
    },
  };
}

interface TurnInput {
  readonly options: DispatcherOptions;
  readonly entry: Waiting;
  readonly wait: WaitOptions;
  readonly leave: () => void;
  readonly granted: Promise<Turn>;
  readonly sinceMs: number;
}

async function waitForTurn(input: TurnInput): Promise<Turn> {
  const { options, entry, wait, leave, granted, sinceMs } = input;
  const waitedMs = () => performance.now() - sinceMs;
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const abort = () => reject(wait.signal.reason);
  const limit = setTimeout(() => {
    const details = { waited_seconds: waitedMs() / 1000, position: entry.position };
    reject(new RbeeError("QUEUE_TIMEOUT", details));
  }, options.queueWaitMs - waitedMs());
  if (wait.signal.aborted) abort();
  wait.signal.addEventListener("abort", abort, { once: true });
  try {
    const turn = await Promise.race([granted, ended]);
    options.onQueued(waitedMs());
    return turn;
  } catch (error) {
    // A slot that was granted in the same moment is given back when the task ends.
    leave();
    throw error;
  } finally {
    clearTimeout(limit);
    wait.signal.removeEventListener("abort", abort);
  }
}

function tellPositions(queue: TaskQueue, waiting: ReadonlyMap<string, Waiting>): void {
  const nowMs = performance.now();
  for (const [index, { taskId }] of queue.order().entries()) {
    const entry = waiting.get(taskId);
    if (entry === undefined || entry.position === index + 1) continue;
    entry.position = index + 1;
    // In a long queue every step forward moves everybody: a person is told often enough.
    const isNews = entry.position === 1 || nowMs - entry.toldAtMs >= timings.positionIntervalMs;
    if (!isNews) continue;
    entry.toldAtMs = nowMs;
    entry.onPosition(entry.position);
  }
}

interface Fullness {
  readonly queue: TaskQueue;
  readonly view: WorkerView;
  readonly taskMs: number;
}

function queueFull(
  { queueLimit }: DispatcherOptions,
  { queue, view, taskMs }: Fullness,
): RbeeError {
  const length = queue.length();
  const slots = view.listWorkers().reduce((sum, worker) => sum + worker.slotsTotal, 0);
  const seconds = retryAfterSeconds(length, slots, taskMs);
  return new RbeeError("QUEUE_FULL", { length, limit: queueLimit, retry_after_seconds: seconds });
}

// A moving average over about the last ten tasks.
function createAverage() {
  let average: number | undefined;
  return {
    add(value: number): void {
      average = average === undefined ? value : average * 0.9 + value * 0.1;
    },
    value: () => average ?? 1000,
  };
}
