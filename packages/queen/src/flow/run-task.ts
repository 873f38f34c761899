import { RbeeError, sizes } from "@rbee/contract";
import type { TaskRequest } from "@rbee/contract";
import type { SseWriter } from "@rbee/daemon";
import type { TaskState } from "../domain/advance-task.ts";
import type { Placement, PlacementRequest } from "../domain/place-task.ts";
import type { Refusal, WorkerFacts } from "../domain/placement-facts.ts";
import type { Computation, Errand, Hives, Hop, Nodes, Story } from "../ports.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Ticket } from "./queue-ticket.ts";
import { waitForTurn } from "./wait-for-turn.ts";
import type { AskWorker, WorkerAnswer, WorkerStream } from "./ask-worker.ts";
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

/** What a task that asked for a computation sends before it ends. */
export interface ComputedEvent {
  readonly type: "computed";
  readonly result: object;
}

/** A task that was let in: what is left is to stream it. */
export interface AdmittedTask {
  readonly record: TaskRecord;
  readonly outlook: TaskOutlook;
  readonly run: (writer: SseWriter, tell: (record: TaskRecord) => Story) => Promise<void>;
}

/** What is known of a task's way when it is let in. */
export interface TaskOutlook {
  readonly node: string | undefined;
  /** Set when a worker that is ready has a slot for it. */
  readonly workerId: string | undefined;
  /** Counted when it is asked for. */
  readonly queuePosition: () => number | undefined;
}

export interface TaskRunnerOptions {
  readonly nodes: Nodes;
  readonly hives: Pick<Hives, "ensure" | "spawn">;
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

type Start =
  | { readonly kind: "placed"; readonly placement: Exclude<Placement, { kind: "refuse" }> }
  | { readonly kind: "queued"; readonly ticket: Ticket }
  | { readonly kind: "asked"; readonly worker: WorkerFacts; readonly stream: WorkerStream };

type Unasked = Exclude<Start, { kind: "asked" }>;

/** The road of a task, from the decision where it runs to its last token. */
export function createTaskRunner(options: TaskRunnerOptions) {
  return {
    /**
     * Everything that may be refused before the stream begins. Throws NODE_NOT_FOUND,
     * ALL_SLOTS_BUSY, QUEUE_FULL, BACKEND_UNAVAILABLE, SHUTTING_DOWN.
     */
    async admit(order: TaskOrder): Promise<AdmittedTask> {
      options.requireOpen();
      const record = options.tasks.open({
        id: order.taskId,
        model: order.placement.model,
        source: order.source,
        priority: order.request.priority ?? "normal",
        traceparent: order.hop.traceparent,
      });
      const road = { options, order, record };
      try {
        const start = await beginTask(road);
        const outlook = outlookOf(order, start);
        return { record, outlook, run: (writer, tell) => runTask(road, { start, writer, tell }) };
      } catch (error) {
        finish(road, error);
        throw error;
      }
    },
  };
}

async function beginTask({ options, order, record }: Road): Promise<Start> {
  const { dispatcher, askWorker } = options;
  const placement = requirePlaced(dispatcher.place(order));
  if (placement.kind === "wait") return { kind: "queued", ticket: dispatcher.enqueue(order) };
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
  readonly start: Start;
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

// A worker's own terminal error: the client has it already, only its code is kept.
class WorkerFailure extends Error {
  override readonly name = "WorkerFailure";
  readonly code: string;
  constructor(code: string) {
    super(`the worker ended the task with ${code}`);
    this.code = code;
  }
}

function accepted({ order, record }: Road, start: Start): object {
  const { node = null } = outlookOf(order, start);
  return { type: "accepted", task_id: record.id, model: order.placement.model, node };
}

function outlookOf({ placement }: TaskOrder, start: Start): TaskOutlook {
  return {
    node: chosenNode(start) ?? placement.node,
    workerId: chosenWorker(start)?.id,
    queuePosition: () => (start.kind === "queued" ? start.ticket.position() : undefined),
  };
}

function chosenWorker(start: Start): WorkerFacts | undefined {
  if (start.kind === "asked") return start.worker;
  if (start.kind === "queued" || start.placement.kind !== "use") return undefined;
  return start.placement.worker;
}

function chosenNode(start: Start): string | undefined {
  if (start.kind === "asked") return start.worker.node;
  if (start.kind === "queued" || start.placement.kind === "wait") return undefined;
  return start.placement.kind === "use" ? start.placement.worker.node : start.placement.node;
}

/**
 * Until a worker has taken the task:
 *
 * 1. use: ask the worker; when it is full or gone, decide again.
 * 2. wait: a turn in the queue brings a worker, or news.
 * 3. spawn: the hive must run; its workers may change the decision; else it makes one.
 */
async function findWorker(road: Road, start: Start, errand: Errand): Promise<WorkerStream> {
  const { order, record } = road;
  if (start.kind === "asked") {
    tellChoice(start.worker, errand.story);
    return start.stream;
  }
  let next: Unasked = start;
  let waitsSinceMs: number | undefined;
  for (let round = 0; round < sizes.placementsMax;) {
    if (next.kind === "queued") waitsSinceMs = next.ticket.sinceMs;
    const worker = await nextWorker(road, next, errand);
    const answer = worker && (await askChosen(road, worker, errand.story));
    if (answer?.kind === "stream") return answer.stream;
    // Somebody else has the slot: that wait has its own limit.
    if (answer?.kind === "busy") waitsSinceMs ??= performance.now();
    else round += 1;
    record.advance({ type: "placing" });
    next = placeAgain(road, waitsSinceMs);
  }
  throw new RbeeError("NODE_UNREACHABLE", {
    node: record.state().node ?? order.placement.node ?? "",
    reason: `no worker took the task in ${sizes.placementsMax} attempts`,
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

function placeAgain({ options, order }: Road, waitsSinceMs: number | undefined): Unasked {
  const placement = requirePlaced(options.dispatcher.place(order));
  if (placement.kind !== "wait") return { kind: "placed", placement };
  return { kind: "queued", ticket: options.dispatcher.enqueue({ ...order, waitsSinceMs }) };
}

async function nextWorker(
  road: Road,
  start: Unasked,
  errand: Errand,
): Promise<WorkerFacts | undefined> {
  // 2.
  if (start.kind === "queued") {
    const { ticket } = start;
    return await waitForTurn(
      { ticket, record: road.record, model: road.order.placement.model },
      errand,
    );
  }
  if (start.placement.kind === "wait") return undefined;
  // 1.
  if (start.placement.kind === "use") return start.placement.worker;
  // 3.
  return await makeWorker(road, start.placement.node, errand);
}

async function makeWorker(
  { options, order, record }: Road,
  nodeName: string,
  errand: Errand,
): Promise<WorkerFacts | undefined> {
  const { nodes, hives, dispatcher } = options;
  const node = nodes.require(nodeName);
  const human = `Looking up node ${nodeName}`;
  const cute = `🔍 ${human}`;
  errand.story({ type: "tell", line: { action: "lookup", target: nodeName, human, cute } });
  await hives.ensure(node, errand);
  // The hive may have workers that nobody here knew of.
  const placement = requirePlaced(dispatcher.place(order));
  if (placement.kind === "use") return placement.worker;
  if (placement.kind === "wait" || placement.node !== nodeName) return undefined;
  record.advance({ type: "spawning", node: nodeName });
  const { model, backend, device, context } = order.placement;
  const line = `Asking ${nodeName} for a worker with ${model}`;
  errand.story({ type: "tell", line: { action: "spawn", target: model, human: line } });
  await hives.spawn(node, { model, backend, device, context }, errand);
  return undefined;
}

function tellChoice({ id, node, backend, device }: WorkerFacts, story: Story): void {
  const human = `Choosing worker ${id} on ${node} (${backend}:${device})`;
  const line = { action: "choose-worker", target: id, node, worker_id: id, human };
  story({ type: "tell", line: { ...line, cute: `🎯 ${human}` } });
}

function requirePlaced(placement: Placement): Exclude<Placement, { kind: "refuse" }> {
  if (placement.kind !== "refuse") return placement;
  throw errorOf(placement.refusals[0]);
}

function errorOf(refusal: Refusal): RbeeError {
  return new RbeeError(refusal.code, refusal.details);
}

function finish({ options, order, record }: Road, failure: unknown): void {
  const outcome = outcomeOf(failure);
  const errorCode = failure === undefined ? null : codeOf(failure);
  options.dispatcher.release(record.id, { tokens: record.tokens(), errorCode });
  if (outcome === "failed") record.advance({ type: "failed", errorCode: codeOf(failure) });
  else record.advance({ type: outcome });
  const { correlationId } = order.hop;
  const tokens = record.tokens();
  const promptTokens = record.promptTokens();
  const end = { outcome, task: record.state(), tokens, promptTokens, correlationId, failure };
  options.onEnd({ ...end, source: order.source });
  record.close();
}

function outcomeOf(failure: unknown): TaskEnd["outcome"] {
  if (failure === undefined) return "done";
  return RbeeError.is(failure, "REQUEST_CANCELED") ? "cancelled" : "failed";
}

function codeOf(failure: unknown): string {
  const isKnown = RbeeError.is(failure) || failure instanceof WorkerFailure;
  return isKnown ? failure.code : "INTERNAL_ERROR";
}
