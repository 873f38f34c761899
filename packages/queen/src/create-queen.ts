import { queenRoutes, RbeeError, timings } from "@rbee/contract";
import type { QueenEvent } from "@rbee/contract";
import { createApp, createNarrator } from "@rbee/daemon";
import type { App, Logger } from "@rbee/daemon";
import type { Settings } from "@rbee/settings";
import { createQueenMetrics } from "./create-queen-metrics.ts";
import { createWorkerView } from "./domain/worker-view.ts";
import type { WorkerView } from "./domain/worker-view.ts";
import { createAskWorker } from "./flow/ask-worker.ts";
import { createChangeSignal, watchChanges } from "./flow/change-signal.ts";
import { createDispatcher } from "./flow/dispatcher.ts";
import { createTaskRunner } from "./flow/run-task.ts";
import { stopCascade } from "./flow/stop-cascade.ts";
import { createTaskRegistry } from "./flow/task-registry.ts";
import type { TaskRegistry } from "./flow/task-registry.ts";
import { createHives } from "./gateway/create-hives.ts";
import { createInference } from "./gateway/relay-inference.ts";
import { createHandlers } from "./http/create-handlers.ts";
import type { HttpWorld, QueenIdentity } from "./http/http-world.ts";
import { workerToWire } from "./http/worker-to-wire.ts";
import type { Nodes, QueenLogs } from "./ports.ts";

export interface QueenOptions {
  readonly identity: QueenIdentity;
  readonly nodes: Nodes;
  readonly logs: QueenLogs;
  readonly settings: Settings;
  readonly settingsReport: HttpWorld["settings"];
  readonly currentKey: () => string | undefined;
  readonly logger: Logger;
  readonly requestStop: () => void;
}

export interface Queen {
  readonly app: App;
  /** Looks for hives that run already and begins to listen to them. */
  readonly open: () => void;
  /** Refuses new work, ends what runs, and stops every hive that this queen started. */
  readonly stop: (impatience: AbortSignal) => Promise<void>;
}

/** Puts a queen together. Nothing is started or asked before `open`. */
export function createQueen(options: QueenOptions): Queen {
  const { nodes, settings, logger, identity } = options;
  const { timeouts } = settings;
  let isStopping = false;
  const requireOpen = () => {
    if (isStopping) throw new RbeeError("SHUTTING_DOWN", { program: "queen-rbee" });
  };
  const view = createWorkerView(nodes.list().map(({ name }) => name));
  const changes = createChangeSignal();
  const metrics = createQueenMetrics({
    queueLength: () => dispatcher.length(),
    hivesReachable: () => view.listNodes().filter(({ status }) => status === "reachable").length,
  });
  const dispatcher = createDispatcher({
    view,
    queueLimit: settings.queen.queue_limit,
    queueWaitMs: settings.queen.queue_wait * 1000,
    onQueued: metrics.queued,
  });
  const hives = createHives({
    nodes,
    view,
    version: identity.version,
    instanceId: identity.instanceId,
    connectTimeoutMs: timeouts.connect * 1000,
    heartbeatMs: timeouts.heartbeat * 1000,
    workerStartTimeoutMs: timeouts.worker_start * 1000,
    logger,
    onChange() {
      dispatcher.pump();
      changes.notify();
    },
  });
  const tasks = createTaskRegistry(changes.notify);
  const askWorker = createAskWorker({
    hives,
    inference: createInference(),
    dispatcher,
    inferenceTimeoutMs: timeouts.inference * 1000,
    onTokens: metrics.relayedTokens,
    onStream: metrics.streamOpened,
  });
  const onEnd = metrics.taskEnded;
  const runner = createTaskRunner({
    nodes,
    hives,
    tasks,
    dispatcher,
    askWorker,
    onEnd,
    requireOpen,
  });
  const watchState = (signal: AbortSignal) =>
    watchQueen({ view, tasks, identity, heartbeatMs: timeouts.heartbeat * 1000, changes, signal });
  const handlers = createHandlers({
    identity,
    nodes,
    hives,
    view,
    tasks,
    runner,
    logs: options.logs,
    logger,
    aliases: () => settings.aliases,
    settings: options.settingsReport,
    watchState,
    workerStopTimeoutMs: timeouts.drain * 1000 + timings.workerShutdownMs,
    requireOpen,
    requestStop: options.requestStop,
  });
  const app = createApp({
    program: "queen-rbee",
    version: identity.version,
    routes: queenRoutes,
    handlers,
    currentKey: options.currentKey,
    logger,
    metrics: metrics.metrics,
    keepAliveMs: (route) =>
      route === "createTask" || route === "spawnWorker"
        ? timings.taskKeepAliveMs
        : timings.keepAliveMs,
  });
  return {
    app,
    open: hives.open,
    async stop(impatience) {
      isStopping = true;
      const narrate = createNarrator({ actor: "queen-rbee", logger });
      await stopCascade({ nodes, hives, tasks, narrate, impatience });
      hives.close();
    },
  };
}

interface StateWatch {
  readonly view: WorkerView;
  readonly tasks: TaskRegistry;
  readonly identity: QueenIdentity;
  readonly heartbeatMs: number;
  readonly changes: ReturnType<typeof createChangeSignal>;
  readonly signal: AbortSignal;
}

async function* watchQueen(watch: StateWatch): AsyncGenerator<QueenEvent, void, void> {
  const { view, tasks, identity, heartbeatMs, changes, signal } = watch;
  const isLive = () => tasks.running().length > 0;
  for await (const kind of watchChanges({ changes, signal, heartbeatMs, isLive })) {
    if (kind === "heartbeat") {
      yield { type: "heartbeat", time: new Date().toISOString() };
      continue;
    }
    yield {
      type: "state",
      version: identity.version,
      uptime_s: (Date.now() - identity.startedAtMs) / 1000,
      nodes: view.listNodes().map(({ lastSeen, lastError, ...node }) => ({
        ...node,
        last_seen: lastSeen,
        last_error: lastError,
      })),
      workers: view.listWorkers().map(workerToWire),
      tasks: tasks.list(),
    };
  }
}
