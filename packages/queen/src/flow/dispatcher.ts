import { RbeeError, timings } from "@rbee/contract";
import { estimatePromptTokens, estimateTaskCost } from "../domain/estimate-task-cost.ts";
import { advanceTaskTime, estimateWaitMs, retryAfterSeconds } from "../domain/estimate-wait.ts";
import { findShortage } from "../domain/find-shortage.ts";
import { placeTask } from "../domain/place-task.ts";
import type { Placement } from "../domain/place-task.ts";
import { serveTurns } from "../domain/serve-turns.ts";
import { createTaskQueue } from "../domain/task-queue.ts";
import type { TaskQueue, WaitingTask } from "../domain/task-queue.ts";
import type { WorkerKey, WorkerView } from "../domain/worker-view.ts";
import { isWorkerFailure } from "../domain/worker-weight.ts";
import type { DispatchRequest, Ticket, Waiting } from "./queue-ticket.ts";
import { openTicket } from "./queue-ticket.ts";
import { createPositionTeller } from "./tell-positions.ts";

export interface DispatcherOptions {
  readonly view: WorkerView;
  readonly queueLimit: number;
  readonly queueWaitMs: number;
  /** Hears of each decision once: that a task waits when it takes its place in the queue. */
  readonly onPlaced: (kind: Placement["kind"]) => void;
}

/** How a task used its slot. */
export interface SlotUse {
  readonly tokens: number;
  /** What it ended with; null when it ended well. */
  readonly errorCode: string | null;
}

/** A task that has a slot, or is on its way to one. */
interface Holding {
  readonly request: DispatchRequest;
  worker?: { readonly key: WorkerKey; readonly sinceMs: number } | undefined;
  /** Set when it had to wait for its turn: what its source paid for. */
  paid?: { readonly queue: TaskQueue; readonly task: WaitingTask } | undefined;
}

export type Dispatcher = ReturnType<typeof createDispatcher>;

/**
 * Gives slots to tasks. Every decision and its reservation happen in one turn of the event loop;
 * whoever waits is served before whoever comes.
 */
export function createDispatcher(options: DispatcherOptions) {
  const state = createState(options);
  const { view } = options;
  const pump = () => pumpAll(state);
  return {
    /** Decides, and reserves the slot when the decision is to use a worker. */
    place: (request: DispatchRequest): Placement => place(state, request),
    /** Throws QUEUE_FULL. The place is taken at once, before anybody waits for it. */
    enqueue: (request: DispatchRequest): Ticket => enqueue(state, request),
    /** The task needs its slot no more. */
    release(taskId: string, use?: SlotUse): void {
      settle(state, taskId, use);
      pump();
    },
    /** The worker said itself that it has no slot; it is asked again after a moment. */
    refused(worker: WorkerKey, taskId: string): void {
      view.refuse(worker, performance.now() + timings.slotRefusalMs);
      view.release(taskId);
      const holding = state.holdings.get(taskId);
      if (holding !== undefined) holding.worker = undefined;
      setTimeout(pump, timings.slotRefusalMs + 1).unref();
    },
    /** Something is known that was not: waiting tasks may go on. */
    pump,
    length: () => state.waiting.size,
  };
}

interface DispatchState {
  readonly options: DispatcherOptions;
  /** By model. */
  readonly queues: Map<string, TaskQueue>;
  readonly waiting: Map<string, Waiting>;
  readonly holdings: Map<string, Holding>;
  readonly taskMs: Map<string, number>;
  readonly positions: ReturnType<typeof createPositionTeller>;
  /** When a decision to wait may be another one though nothing has happened. */
  lookAgain?: { readonly atMs: number; readonly timer: NodeJS.Timeout } | undefined;
}

function createState(options: DispatcherOptions): DispatchState {
  const waiting = new Map<string, Waiting>();
  const estimate = (task: WaitingTask, position: number) => estimateFor(state, task, position);
  const positions = createPositionTeller({ waiting, estimate });
  const queues = new Map<string, TaskQueue>();
  const state = { options, queues, waiting, positions, holdings: new Map(), taskMs: new Map() };
  return state;
}

function place(state: DispatchState, request: DispatchRequest, waitsSinceMs?: number): Placement {
  const { view } = state.options;
  const nowMs = performance.now();
  const wish =
    waitsSinceMs === undefined ? request.placement : { ...request.placement, waitsSinceMs };
  const decision = placeTask(wish, view.facts(nowMs));
  if (decision.kind !== "wait") state.options.onPlaced(decision.kind);
  if (decision.kind !== "use") return decision;
  const { id, node } = decision.worker;
  view.reserve(decision.worker, request.taskId, nowMs);
  if (wish.prefix !== undefined) view.notePrefix(decision.worker, wish.prefix);
  if (request.placement.prefix !== undefined) {
    view.notePrefix(decision.worker, request.placement.prefix);
  }
  holdingOf(state, request).worker = { key: { id, node }, sinceMs: nowMs };
  return decision;
}

function holdingOf({ holdings }: DispatchState, request: DispatchRequest): Holding {
  const holding = holdings.get(request.taskId) ?? { request };
  holdings.set(request.taskId, holding);
  return holding;
}

function enqueue(state: DispatchState, request: DispatchRequest): Ticket {
  const { queues, waiting, positions, options } = state;
  const { model } = request.placement;
  const queue = queues.get(model) ?? createTaskQueue();
  const task = waitingTask(request);
  if (request.waitsSinceMs !== undefined) {
    refund(state, request.taskId);
    queue.putBack(task);
  } else {
    if (queue.length() >= options.queueLimit) throw queueFull(state, queue, request);
    queue.add(task);
    options.onPlaced("wait");
  }
  queues.set(model, queue);
  const leave = () => {
    waiting.delete(task.taskId);
    if (queue.remove(task.taskId) === undefined) return;
    positions.changed(queue);
    if (queue.isIdle()) queues.delete(model);
  };
  const shortage = () => findShortageOf(state, request, task);
  return openTicket({ options, queue, waiting, positions, request, task, shortage, leave });
}

function findShortageOf(
  { options }: DispatchState,
  { placement }: DispatchRequest,
  { sinceMs: waitsSinceMs }: WaitingTask,
) {
  const facts = options.view.facts(performance.now());
  const decision = placeTask({ ...placement, waitsSinceMs }, facts);
  const isForRoom = decision.kind === "wait" && decision.for === "room";
  return isForRoom ? findShortage(placement, facts) : undefined;
}

function waitingTask({ taskId, source, placement, request, waitsSinceMs }: DispatchRequest) {
  const { node = null, backend = null, device = null, context = null } = placement;
  return {
    taskId,
    source,
    priority: request?.priority ?? "normal",
    wish: JSON.stringify([node, backend, device, context]),
    cost: request === undefined ? 1 : estimateTaskCost(request),
    sinceMs: waitsSinceMs ?? performance.now(),
  } as const;
}

// Its turn came to nothing, so it costs nothing.
function refund({ holdings }: DispatchState, taskId: string): void {
  const { paid } = holdings.get(taskId) ?? {};
  paid?.queue.charge(paid.task, -paid.task.cost);
  holdings.delete(taskId);
}

function settle(state: DispatchState, taskId: string, use: SlotUse | undefined): void {
  const { holdings, taskMs, queues, options } = state;
  options.view.release(taskId);
  const holding = holdings.get(taskId);
  if (holding === undefined) return;
  holdings.delete(taskId);
  const { request, worker, paid } = holding;
  const { model } = request.placement;
  if (worker !== undefined && use !== undefined) {
    const nowMs = performance.now();
    const durationMs = nowMs - worker.sinceMs;
    const isFailure = use.errorCode !== null && isWorkerFailure(use.errorCode);
    if (isFailure || use.errorCode === null) {
      options.view.noteOutcome(worker.key, { isFailure, durationMs }, nowMs);
    }
    if (!isFailure) taskMs.set(model, advanceTaskTime(taskMs.get(model), durationMs));
  }
  if (paid === undefined) return;
  paid.queue.charge(paid.task, takenTokens(holding, use) - paid.task.cost);
  if (paid.queue.isIdle() && queues.get(model) === paid.queue) queues.delete(model);
}

function takenTokens({ request, worker, paid }: Holding, use: SlotUse | undefined): number {
  if (use === undefined) return paid?.task.cost ?? 0;
  if (worker === undefined) return 0;
  return (request.request === undefined ? 0 : estimatePromptTokens(request.request)) + use.tokens;
}

function pumpAll(state: DispatchState): void {
  let lookAgainAtMs = Number.POSITIVE_INFINITY;
  for (const queue of state.queues.values()) {
    lookAgainAtMs = Math.min(lookAgainAtMs, pumpQueue(state, queue));
  }
  lookAgain(state, lookAgainAtMs);
}

function pumpQueue(state: DispatchState, queue: TaskQueue): number {
  const { waiting, positions } = state;
  const entryOf = ({ taskId }: WaitingTask) => {
    const entry = waiting.get(taskId);
    if (entry === undefined) throw new Error(`task ${taskId} waits and nobody knows for whom`);
    return entry;
  };
  const { count, lookAgainAtMs } = serveTurns(queue, {
    place: (task) => place(state, entryOf(task).request, task.sinceMs),
    grant(task, placement) {
      const entry = entryOf(task);
      waiting.delete(task.taskId);
      holdingOf(state, entry.request).paid = { queue, task };
      entry.grant(placement.kind === "use" ? placement : { kind: "again" });
    },
  });
  if (count > 0) positions.changed(queue);
  return lookAgainAtMs;
}

function lookAgain(state: DispatchState, atMs: number): void {
  const { lookAgain: planned } = state;
  if (planned !== undefined && planned.atMs <= atMs) return;
  clearTimeout(planned?.timer);
  state.lookAgain = undefined;
  if (!Number.isFinite(atMs)) return;
  const again = () => {
    state.lookAgain = undefined;
    pumpAll(state);
  };
  const timer = setTimeout(again, Math.max(1, atMs - performance.now())).unref();
  state.lookAgain = { atMs, timer };
}

function queueFull(state: DispatchState, queue: TaskQueue, request: DispatchRequest): RbeeError {
  const { view, queueLimit: limit } = state.options;
  const length = queue.length();
  // The queue has room for one more as soon as the next has its turn; somebody else may be sooner.
  const facts = view.facts(performance.now());
  const waitMs = waitEstimate(state, request, { position: length, facts });
  const details = { length, limit, retry_after_seconds: retryAfterSeconds(waitMs) };
  const estimate = waitMs === undefined ? {} : { estimated_wait_seconds: waitMs / 1000 };
  return new RbeeError("QUEUE_FULL", { ...details, ...estimate });
}

function estimateFor(state: DispatchState, task: WaitingTask, position: number) {
  const { view } = state.options;
  const request = state.waiting.get(task.taskId)?.request;
  if (request === undefined) return undefined;
  return waitEstimate(state, request, { position, facts: view.facts(performance.now()) });
}

interface EstimateInput {
  readonly position: number;
  readonly facts: ReturnType<WorkerView["facts"]>;
}

function waitEstimate(
  { taskMs }: DispatchState,
  { placement: { model, node } }: DispatchRequest,
  { position, facts }: EstimateInput,
): number | undefined {
  let slots = 0;
  for (const worker of facts.workersOf(model)) {
    const isReady = worker.state === "idle" || worker.state === "busy";
    if (isReady && (node === undefined || node === worker.node)) slots += worker.slotsTotal;
  }
  return estimateWaitMs({ position, slots, taskMs: taskMs.get(model) });
}
