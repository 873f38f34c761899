import type { TaskPriority } from "@rbee/contract";
import { placeTask, placementKey } from "../../packages/queen/src/domain/place-task.ts";
import type { Placement, PlacementRequest } from "../../packages/queen/src/domain/place-task.ts";
import { serveTurns } from "../../packages/queen/src/domain/serve-turns.ts";
import { createTaskQueue } from "../../packages/queen/src/domain/task-queue.ts";
import type { TaskQueue, WaitingTask } from "../../packages/queen/src/domain/task-queue.ts";
import type { WorkerFacts } from "../../packages/queen/src/domain/placement-facts.ts";
import type { WorkerKey, WorkerView } from "../../packages/queen/src/domain/worker-view.ts";
import type { SimClock } from "./sim-clock.ts";
import type { SimHives, SimModel, SimWorker } from "./sim-hives.ts";

export interface SimTask {
  readonly id: string;
  readonly key: string;
  readonly model: SimModel;
  readonly priority: TaskPriority;
  /** What it says it takes, and what it takes. */
  readonly estimatedTokens: number;
  readonly tokens: number;
  readonly sinceMs: number;
  readonly onEnd: (end: SimEnd) => void;
  paid?: { readonly queue: TaskQueue; readonly waiting: WaitingTask } | undefined;
}

export interface SimEnd {
  readonly outcome: "done" | "failed" | "refused";
  readonly tokens: number;
}

export interface SimQueenOptions {
  readonly clock: SimClock;
  readonly view: WorkerView;
  readonly hives: SimHives;
  readonly onStart: (task: SimTask) => void;
  readonly onEvict: (worker: SimWorker) => void;
}

const failureMs = 20;

/** The dispatcher's work around the real queue, view and placement, by the clock of a simulation. */
export class SimQueen {
  readonly #options: SimQueenOptions;
  readonly #queues = new Map<string, TaskQueue>();
  readonly #waiting = new Map<string, SimTask>();
  #lookAgainAtMs = Number.POSITIVE_INFINITY;

  constructor(options: SimQueenOptions) {
    this.#options = options;
  }

  admit(task: SimTask): void {
    this.#follow(task, this.#place(task), false);
  }

  pumpAll(): void {
    const models = Array.from(this.#queues.keys());
    for (const model of models) this.#pump(model);
  }

  #place(task: SimTask): Placement {
    const { view, clock, hives } = this.#options;
    const request = requestOf(task);
    const facts = view.facts(clock.nowMs());
    if (!hasReady(facts.workersOf(task.model.name))) {
      hives.estimate(task.model, placementKey(request));
    }
    return placeTask(request, facts);
  }

  #follow(task: SimTask, placement: Placement, isBack: boolean): void {
    switch (placement.kind) {
      case "use":
        return this.#start(task, placement.worker);
      case "refuse":
        return endTask(task, { outcome: "refused", tokens: 0 });
      case "wait":
        this.#enqueue(task, isBack);
        return this.#lookAgain(placement.lookAgainAtMs ?? Number.POSITIVE_INFINITY);
      default:
        return this.#make(task, placement);
    }
  }

  #enqueue(task: SimTask, isBack: boolean): void {
    const queue = this.#queues.get(task.model.name) ?? createTaskQueue();
    this.#queues.set(task.model.name, queue);
    this.#waiting.set(task.id, task);
    task.paid?.queue.charge(task.paid.waiting, -task.paid.waiting.cost);
    task.paid = undefined;
    const { id: taskId, key: source, priority, estimatedTokens: cost, sinceMs } = task;
    const entry = { taskId, source, priority, wish: "any", cost, sinceMs };
    if (isBack) queue.putBack(entry);
    else queue.add(entry);
  }

  #make(task: SimTask, placement: Extract<Placement, { node: string }>): void {
    const { view, hives } = this.#options;
    const node = hives.node(placement.node);
    const evicting = placement.kind === "evict" ? placement.workers : [];
    const key = placementKey(requestOf(task));
    const making = { taskId: task.id, key, isEvicting: evicting.length > 0 };
    view.beginMaking(node.name, making, evicting);
    const over = () => {
      view.endMaking(node.name, making);
      this.#follow(task, this.#place(task), true);
      this.pumpAll();
    };
    const workers = evicting.flatMap(({ id }) => hives.findWorker(node.name, id) ?? []);
    this.#stopAll(workers, () => {
      const comingUp = hives.findComingUp(node, task.model);
      const canLoad = node.isUp && (comingUp !== undefined || hives.fits(node, task.model));
      if (canLoad) hives.onSettled(comingUp ?? hives.spawn(node, task.model), over);
      else over();
    });
  }

  #stopAll(workers: readonly SimWorker[], then: () => void): void {
    const { hives, onEvict } = this.#options;
    let left = workers.length;
    if (left === 0) then();
    for (const worker of workers) {
      const stopped = () => {
        worker.onIdle = undefined;
        if (!worker.isGone) {
          onEvict(worker);
          hives.stop(worker);
        }
        left -= 1;
        if (left === 0) then();
      };
      if (worker.running.size === 0) stopped();
      else worker.onIdle = stopped;
    }
  }

  #start(task: SimTask, { node, id }: WorkerKey): void {
    const { view, clock, hives, onStart } = this.#options;
    const worker = hives.findWorker(node, id);
    if (worker === undefined) throw new Error(`${id} on ${node} is not there`);
    const startedAtMs = clock.nowMs();
    view.reserve({ node, id }, task.id, startedAtMs);
    onStart(task);
    const isSick = worker.node.sickUntilMs > startedAtMs;
    const over = (isFailure: boolean) => {
      if (!worker.running.delete(task.id)) return;
      view.release(task.id);
      const worked = { isFailure, durationMs: clock.nowMs() - startedAtMs };
      if (!worker.isGone) view.noteOutcome({ node, id }, worked, clock.nowMs());
      endTask(task, {
        outcome: isFailure ? "failed" : "done",
        tokens: isFailure ? 0 : task.tokens,
      });
      if (worker.running.size > 0) return this.#pump(task.model.name);
      worker.onIdle?.();
      this.pumpAll();
    };
    worker.running.set(task.id, () => over(true));
    const neededMs = (task.tokens * 1000) / task.model.tokensPerSecond;
    clock.after(isSick ? failureMs : neededMs, () => over(isSick));
  }

  #pump(model: string): void {
    const queue = this.#queues.get(model);
    if (queue === undefined) return;
    const taskOf = ({ taskId }: WaitingTask) => this.#waiting.get(taskId) as SimTask;
    const served = serveTurns(queue, {
      place: (entry) => this.#place(taskOf(entry)),
      grant: (entry, placement) => {
        const task = taskOf(entry);
        this.#waiting.delete(task.id);
        task.paid = { queue, waiting: entry };
        this.#follow(task, placement, true);
      },
    });
    if (queue.isIdle()) this.#queues.delete(model);
    this.#lookAgain(served.lookAgainAtMs);
  }

  #lookAgain(atMs: number): void {
    const { clock } = this.#options;
    if (!Number.isFinite(atMs) || atMs >= this.#lookAgainAtMs) return;
    this.#lookAgainAtMs = atMs;
    clock.after(atMs - clock.nowMs() + 1, () => {
      this.#lookAgainAtMs = Number.POSITIVE_INFINITY;
      this.pumpAll();
    });
  }
}

function requestOf({ model, sinceMs }: SimTask): PlacementRequest {
  return { model: model.name, mayWait: true, waitsSinceMs: sinceMs };
}

function hasReady(workers: Iterable<WorkerFacts>): boolean {
  for (const { state } of workers) if (state === "idle") return true;
  return false;
}

function endTask(task: SimTask, result: SimEnd): void {
  task.paid?.queue.charge(task.paid.waiting, result.tokens - task.paid.waiting.cost);
  task.onEnd(result);
}
