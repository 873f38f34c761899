import { placementLimits, RbeeError, sizes } from "@rbee/contract";
import type { TaskRequest } from "@rbee/contract";
import type { SseWriter } from "@rbee/daemon";
import type { TaskState } from "../domain/advance-task.ts";
import type { Placement, PlacementRequest } from "../domain/place-task.ts";
import type { WorkerFacts } from "../domain/placement-facts.ts";
import { hashPromptPrefix } from "../domain/prompt-prefix.ts";
import { promptText } from "../domain/prompt-text.ts";
import type { Computation, Errand, Hop, Story } from "../ports.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { errorOf, makeWorker } from "./make-worker.ts";
import type { Made, MakerWorld } from "./make-worker.ts";
import { waitForTurn } from "./wait-for-turn.ts";
import type { AskWorker, WorkerAnswer, WorkerStream } from "./ask-worker.ts";
import { taskOutlook } from "./task-outlook.ts";
import type { TaskOutlook, TaskStart } from "./task-outlook.ts";
import { taskFailureCode, taskOutcome, WorkerFailure } from "./task-failure.ts";
import { waitForRoom } from "./wait-for-room.ts";
import type { TaskRecord, TaskRegistry } from "./task-registry.ts";

export interface TaskOrder {
  readonly taskId: string;
  /** Who asked, for turns in the queue. */
  readonly source: string;
  readonly placement: PlacementRequest;
  readonly request: TaskRequest;
  /** What is asked for instead of tokens: the result is the task's one event, `computed`. */
  readonly computation?: Computation | undefined;
  readonly hop: Hop;
}

/** A task that was let in: what is left is to stream it. */
export interface AdmittedTask {
  readonly record: TaskRecord;
  readonly outlook: TaskOutlook;
  readonly run: (writer: SseWriter, tell: (record: TaskRecord) => Story) => Promise<void>;
}

export interface TaskRunnerOptions extends MakerWorld {
  readonly tasks: TaskRegistry;
  readonly dispatcher: Dispatcher;
  readonly askWorker: AskWorker;
  readonly onEnd: (end: TaskEnd) => void;
  /** Throws when no new work is taken. */
  readonly requireOpen: () => void;
}

export interface TaskEnd {
  readonly outcome: "done" | "failed" | "cancelled";
  readonly task: TaskState;
  /** The id of the caller. */
  readonly source: string;
  /** 0 for one that no worker began. */
  readonly promptTokens: number;
  readonly tokens: number;
  readonly correlationId: string;
  /** What ended it, when it did not end well. */
  readonly failure: unknown;
}

export type TaskRunner = ReturnType<typeof createTaskRunner>;

interface Road {
  readonly options: TaskRunnerOptions;
  readonly order: TaskOrder;
  readonly record: TaskRecord;
}

type Unasked = Exclude<TaskStart, { kind: "asked" }>;

/** The road of a task, from the decision where it runs to its last token. */
export function createTaskRunner(options: TaskRunnerOptions) {
  return {
    /**
     * Everything that may be refused before the stream begins. Throws NODE_NOT_FOUND,
     * ALL_SLOTS_BUSY, QUEUE_FULL, BACKEND_UNAVAILABLE, SHUTTING_DOWN.
     */
    async admit(asked: TaskOrder): Promise<AdmittedTask> {
      options.requireOpen();
      const order = withPrefix(asked);
      const record = options.tasks.open({
        id: order.taskId,
        model: order.placement.model,
        source: order.source,
        priority: order.request.priority ?? "normal",
        traceparent: order.hop.traceparent,
      });
      const hop = { ...order.hop, traceparent: record.traceparent };
      const road = { options, order: { ...order, hop }, record };
      try {
        const start = await beginTask(road);
        const outlook = taskOutlook(order.placement, start);
        return { record, outlook, run: (writer, tell) => runTask(road, { start, writer, tell }) };
      } catch (error) {
        finish(road, error);
        throw error;
      }
    },
  };
}

// Computed once, before any decision. A computation keeps nothing in the worker's memory.
function withPrefix(order: TaskOrder): TaskOrder {
  if (order.computation !== undefined) return order;
  const prefix = hashPromptPrefix(promptText(order.request), placementLimits.promptBlock);
  return { ...order, placement: { ...order.placement, prefix } };
}

async function beginTask({ options, order, record }: Road): Promise<TaskStart> {
  const { dispatcher, askWorker } = options;
  const placement = requirePlaced(dispatcher.place(order));
  if (placement.kind === "wait") return queue({ options, order, record }, placement);
  // Who does not want to wait is told before any stream begins, by the worker if it knows better.
  if (placement.kind === "use" && !order.placement.mayWait) {
    const answer = await askWorker({ order, record, worker: placement.worker });
    const { worker } = placement;
    if (answer.kind === "stream") return { kind: "asked", worker, stream: answer.stream };
    if (answer.kind === "busy") throw answer.error;
    return { kind: "placed", placement: requirePlaced(dispatcher.place(order)) };
  }
  return { kind: "placed", placement };
}

interface Running {
  readonly start: TaskStart;
  readonly writer: SseWriter;
  readonly tell: (record: TaskRecord) => Story;
}

async function runTask(road: Road, { start, writer, tell }: Running): Promise<void> {
  const { order, record } = road;
  const signal = AbortSignal.any([writer.signal, record.signal]);
  const onTheWay: Road = { ...road, order: { ...order, hop: { ...order.hop, signal } } };
  const errand: Errand = { hop: onTheWay.order.hop, story: tell(record) };
  let failure: unknown;
  try {
    void writer.send(accepted(onTheWay, start));
    const stream = await findWorker(onTheWay, start, errand);
    const errorCode = await stream.relay(writer, signal);
    if (errorCode !== null) failure = new WorkerFailure(errorCode);
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    finish(road, failure);
  }
}

function accepted({ order, record }: Road, start: TaskStart): object {
  const { node = null } = taskOutlook(order.placement, start);
  return { type: "accepted", task_id: record.id, model: order.placement.model, node };
}

/**
 * Until a worker has taken the task:
 *
 * 1. use: ask the worker; when it is full or gone, decide again.
 * 2. wait: a turn in the queue brings a worker, or news.
 * 3. spawn, or evict: a worker is made, see `makeWorker`; who waited goes on waiting since then.
 */
async function findWorker(road: Road, start: TaskStart, errand: Errand): Promise<WorkerStream> {
  const { options, order, record } = road;
  if (start.kind === "asked") {
    tellChoice(start.worker, errand.story);
    return start.stream;
  }
  let next: Unasked = start;
  let waitsSinceMs: number | undefined;
  let noRoom: RbeeError | undefined;
  const { signal } = errand.hop;
  let attempts = 0;
  for (let turns = 0; turns < sizes.turnsMax && attempts < sizes.placementsMax; turns += 1) {
    if (next.kind === "queued") waitsSinceMs = next.ticket.sinceMs;
    const made = await nextWorker(road, next, { errand, waitsSinceMs });
    const answer = made.kind === "use" && (await askChosen(road, made.worker, errand.story));
    if (answer !== false && answer.kind === "stream") return answer.stream;
    const isBusy = answer !== false && answer.kind === "busy";
    if (made.kind === "no-room") noRoom = made.error;
    const isTaken = made.kind === "no-room" && (await waitForRoom(options, record, signal));
    // Somebody else has the slot, or the room: that wait has its own limit.
    if (isBusy || isTaken) waitsSinceMs ??= performance.now();
    // What others did meanwhile is no attempt of this task.
    if (!isBusy && !isTaken && made.kind !== "elsewhere") attempts += 1;
    record.advance({ type: "placing" });
    next = placeAgain(road, waitsSinceMs);
  }
  if (noRoom !== undefined) throw noRoom;
  throw new RbeeError("NODE_UNREACHABLE", {
    node: record.state().node ?? order.placement.node ?? "",
    reason: `no worker took the task in ${attempts} attempts`,
  });
}

async function askChosen(
  { options, order, record }: Road,
  worker: WorkerFacts,
  story: Story,
): Promise<WorkerAnswer> {
  tellChoice(worker, story);
  const answer = await options.askWorker({ order, record, worker });
  if (answer.kind === "stream") return answer;
  const human = `Worker ${worker.id} on ${worker.node} is ${answer.kind}; looking again`;
  story({ type: "tell", line: { action: "place-again", human, level: "warn" } });
  return answer;
}

function placeAgain(road: Road, waitsSinceMs: number | undefined): Unasked {
  const placement = placeSince(road, waitsSinceMs);
  if (placement.kind !== "wait") return { kind: "placed", placement };
  return queue(road, placement, waitsSinceMs);
}

// Who waited long may be given more room than who has just come.
function placeSince({ options, order }: Road, waitsSinceMs: number | undefined) {
  const placement = { ...order.placement, waitsSinceMs };
  return requirePlaced(options.dispatcher.place({ ...order, placement }));
}

function queue(
  { options, order }: Road,
  wait: Extract<Placement, { kind: "wait" }>,
  waitsSinceMs?: number,
): Unasked {
  const { dispatcher } = options;
  const ticket = dispatcher.enqueue({ ...order, waitsSinceMs });
  // Room may come with time alone, so the dispatcher has to know when to look again.
  if (wait.for === "room") dispatcher.pump();
  return { kind: "queued", ticket };
}

interface Onward {
  readonly errand: Errand;
  readonly waitsSinceMs: number | undefined;
}

async function nextWorker(
  road: Road,
  start: Unasked,
  { errand, waitsSinceMs }: Onward,
): Promise<Made> {
  const { options, order, record } = road;
  // 2.
  if (start.kind === "queued") {
    const { ticket } = start;
    const worker = await waitForTurn({ ticket, record, model: order.placement.model }, errand);
    return worker === undefined ? { kind: "elsewhere" } : { kind: "use", worker };
  }
  if (start.placement.kind === "wait") return { kind: "elsewhere" };
  // 1.
  if (start.placement.kind === "use") return start.placement;
  // 3.
  const making = {
    taskId: record.id,
    placement: order.placement,
    place: () => placeSince(road, waitsSinceMs),
    onSpawning: (node: string) => record.advance({ type: "spawning", node }),
  };
  return await makeWorker(options, { nodeName: start.placement.node, order: making }, errand);
}

function tellChoice({ id, node, backend, device }: WorkerFacts, story: Story): void {
  const human = `Choosing worker ${id} on ${node} (${backend}:${device})`;
  const line = { action: "choose-worker", target: id, node, worker_id: id, human };
  story({ type: "tell", line: { ...line, cute: `🎯 ${human}` } });
}

function requirePlaced(placement: Placement): Exclude<Placement, { kind: "refuse" }> {
  if (placement.kind !== "refuse") return placement;
  throw errorOf(placement.refusal);
}

function finish({ options, order, record }: Road, failure: unknown): void {
  const outcome = taskOutcome(failure);
  const errorCode = failure === undefined ? null : taskFailureCode(failure);
  options.dispatcher.release(record.id, { tokens: record.tokens(), errorCode });
  if (outcome === "failed") record.advance({ type: "failed", errorCode: taskFailureCode(failure) });
  else record.advance({ type: outcome });
  const { correlationId } = order.hop;
  const tokens = record.tokens();
  const promptTokens = record.promptTokens();
  const end = { outcome, task: record.state(), tokens, promptTokens, correlationId, failure };
  options.onEnd({ ...end, source: order.source });
  record.close();
}
