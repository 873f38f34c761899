import { createBoundedLabel, otherLabel } from "@rbee/daemon";
import { errorCatalogue, sizes, taskPriorities } from "@rbee/contract";
import type { TaskPriority } from "@rbee/contract";
import { Counter, Gauge, Histogram } from "prom-client";
import type { Registry } from "prom-client";
import { isEnded } from "./domain/advance-task.ts";
import type { TaskState } from "./domain/advance-task.ts";
import { errorClasses, judgeErrorClass } from "./domain/judge-error-class.ts";
import type { ObserveTask, OpenedTask } from "./flow/task-observer.ts";

/** What is read of a running task when somebody scrapes. */
export interface TaskFigures {
  readonly priority: TaskPriority;
  readonly state: () => TaskState;
  readonly tokens: () => number;
}

/** How a task was placed, or why not. */
const placementKinds = ["use", "wait", "spawn", "evict", "refuse"] as const;

export interface TaskMetrics {
  readonly observe: ObserveTask;
  readonly placed: (kind: string) => void;
  readonly streamOpened: (change: 1 | -1) => void;
}

const firstTokenBuckets = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
const durationBuckets = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600];

/**
 * Tasks from their coming to their end. A model is a label only once a worker had it, and only the
 * first few are: whoever asks for models that nobody has makes no series.
 */
export function createTaskMetrics(
  registry: Registry,
  listRunning: () => readonly TaskFigures[],
): TaskMetrics {
  const registers = [registry];
  const ends = createEndCounters(registry);
  const histograms = createHistograms(registry);
  const placements = new Counter({
    name: "rbee_queen_placements_total",
    help: "Decisions where a task goes: a worker is used, waited for, made, given room by an eviction, or refused.",
    labelNames: ["kind"],
    registers,
  });
  for (const kind of placementKinds) placements.inc({ kind }, 0);
  const streams = new Gauge({
    name: "rbee_queen_open_streams",
    help: "Token streams that are open now.",
    registers,
  });
  addRunningGauges(registry, listRunning);
  const boundedModel = createBoundedLabel(sizes.metricsModelsMax);
  const modelOf = ({ model, workerId }: TaskState) =>
    workerId === null ? otherLabel : boundedModel(model);
  const tokens = addTokenCounter(registry, { listRunning, modelOf });
  return {
    observe: (task) => observeTask({ task, ends, histograms, tokens, modelOf }),
    placed: (kind) => placements.inc({ kind }),
    streamOpened: (change) => streams.inc(change),
  };
}

type ModelOf = (state: TaskState) => string;

interface Observing {
  readonly task: OpenedTask;
  readonly ends: EndCounters;
  readonly histograms: Histograms;
  readonly tokens: EndedTokens;
  readonly modelOf: ModelOf;
}

function observeTask(observing: Observing): ReturnType<ObserveTask> {
  const { task, ends, histograms, tokens: ended, modelOf } = observing;
  const { priority } = task;
  const openedAtMs = performance.now();
  const secondsSince = (atMs: number) => (performance.now() - atMs) / 1000;
  let last: TaskState | undefined;
  let queuedAtMs: number | undefined;
  let firstTokenAtMs: number | undefined;
  let start: "warm" | "cold" = "warm";
  return {
    onPhase(state, tokens) {
      if (state.phase === "queued") queuedAtMs = performance.now();
      else if (last?.phase === "queued" && queuedAtMs !== undefined) {
        histograms.queueWait.observe({ priority }, secondsSince(queuedAtMs));
      }
      if (state.phase === "spawning") start = "cold";
      last = state;
      if (!isEnded(state)) return;
      ends.note(state);
      ended.add(modelOf(state), tokens);
      const model = modelOf(state);
      histograms.duration.observe({ model }, secondsSince(openedAtMs));
      if (firstTokenAtMs === undefined || tokens < 2) return;
      // The first token began the clock.
      histograms.rate.observe({ model }, (tokens - 1) / secondsSince(firstTokenAtMs));
    },
    onFirstToken() {
      firstTokenAtMs = performance.now();
      if (last === undefined) return;
      histograms.firstToken.observe({ model: modelOf(last), start }, secondsSince(openedAtMs));
    },
  };
}

type EndCounters = ReturnType<typeof createEndCounters>;

function createEndCounters(registry: Registry) {
  const registers = [registry];
  const tasks = new Counter({
    name: "rbee_queen_tasks_total",
    help: "Tasks that ended, by outcome; of failed ones, whose affair the error was (client, capacity, fault).",
    labelNames: ["outcome", "class"],
    registers,
  });
  const errors = new Counter({
    name: "rbee_queen_task_errors_total",
    help: "Tasks that failed, by the code of the error.",
    labelNames: ["code"],
    registers,
  });
  // There from the beginning: what appears with its first count has no rate.
  for (const outcome of ["done", "cancelled"]) tasks.inc({ outcome, class: "none" }, 0);
  for (const each of errorClasses) tasks.inc({ outcome: "failed", class: each }, 0);
  return {
    note({ phase: outcome, errorCode }: TaskState): void {
      if (outcome !== "failed") return tasks.inc({ outcome, class: "none" });
      const code = errorCode ?? "INTERNAL_ERROR";
      tasks.inc({ outcome, class: judgeErrorClass(code) });
      errors.inc({ code: Object.hasOwn(errorCatalogue, code) ? code : otherLabel });
    },
  };
}

type Histograms = ReturnType<typeof createHistograms>;

function createHistograms(registry: Registry) {
  const registers = [registry];
  return {
    queueWait: new Histogram({
      name: "rbee_queen_queue_wait_seconds",
      help: "Time that tasks spent in the queue, by priority.",
      labelNames: ["priority"],
      buckets: [0.05, 0.2, 1, 5, 20, 60, 300],
      registers,
    }),
    firstToken: new Histogram({
      name: "rbee_queen_time_to_first_token_seconds",
      help: "From a task's coming to its first token; cold when a worker had to be made for it.",
      labelNames: ["model", "start"],
      buckets: firstTokenBuckets,
      registers,
    }),
    duration: new Histogram({
      name: "rbee_queen_task_duration_seconds",
      help: "From a task's coming to its end.",
      labelNames: ["model"],
      buckets: durationBuckets,
      registers,
    }),
    rate: new Histogram({
      name: "rbee_queen_task_tokens_per_second",
      help: "How fast the tokens of a task came, from its first to its end.",
      labelNames: ["model"],
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      registers,
    }),
  };
}

const states = ["waiting", "starting", "running"] as const;

function stateOf({ phase }: TaskState): (typeof states)[number] {
  if (phase === "placing" || phase === "queued") return "waiting";
  return phase === "inferring" ? "running" : "starting";
}

function addRunningGauges(registry: Registry, listRunning: () => readonly TaskFigures[]): void {
  const registers = [registry];
  void new Gauge({
    name: "rbee_queen_queue_length",
    help: "Tasks that wait for a slot, by priority.",
    labelNames: ["priority"],
    registers,
    collect() {
      const waiting = listRunning().filter(({ state }) => state().phase === "queued");
      for (const priority of taskPriorities) {
        this.set({ priority }, waiting.filter((task) => task.priority === priority).length);
      }
    },
  });
  void new Gauge({
    name: "rbee_queen_requests",
    help: "Tasks under way: waiting for a place, waiting for a worker that starts, or running; by node, which is empty while none is chosen.",
    labelNames: ["state", "node"],
    registers,
    collect() {
      this.reset();
      for (const state of states) this.set({ state, node: "" }, 0);
      for (const task of listRunning()) {
        const state = task.state();
        this.inc({ state: stateOf(state), node: state.node ?? "" });
      }
    },
  });
}

type EndedTokens = ReturnType<typeof addTokenCounter>;

interface TokenSources {
  readonly listRunning: () => readonly TaskFigures[];
  readonly modelOf: ModelOf;
}

// Added up when somebody scrapes: a token on its way costs nothing.
function addTokenCounter(registry: Registry, { listRunning, modelOf }: TokenSources) {
  const ended = new Map<string, number>();
  void new Counter({
    name: "rbee_queen_relayed_tokens_total",
    help: "Tokens that were brought from workers to clients, by model.",
    labelNames: ["model"],
    registers: [registry],
    collect() {
      this.reset();
      this.inc({ model: otherLabel }, 0);
      for (const [model, tokens] of ended) this.inc({ model }, tokens);
      for (const task of listRunning()) {
        this.inc({ model: modelOf(task.state()) }, task.tokens());
      }
    },
  });
  return {
    add(model: string, tokens: number): void {
      ended.set(model, (ended.get(model) ?? 0) + tokens);
    },
  };
}
