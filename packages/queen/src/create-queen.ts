import { setImmediate } from "node:timers/promises";
import { queenRoutes, RbeeError, sizes, timings } from "@rbee/contract";
import type { QueenEvent } from "@rbee/contract";
import { createApp, createNarrator, mountStaticSite } from "@rbee/daemon";
import type { App, Logger } from "@rbee/daemon";
import type { Settings } from "@rbee/settings";
import type { Tracer } from "@rbee/telemetry";
import type { QueenAccess } from "./create-queen-access.ts";
import { createQueenMetrics } from "./create-queen-metrics.ts";
import type { QueenMetrics } from "./create-queen-metrics.ts";
import { observeTasks } from "./observe-tasks.ts";
import { createViewOptions } from "./create-view-options.ts";
import { createWorkerView, type WorkerView } from "./domain/worker-view.ts";
import { createAskWorker } from "./flow/ask-worker.ts";
import { createChangeSignal, watchChanges } from "./flow/change-signal.ts";
import { createNodeRefresh } from "./flow/create-node-refresh.ts";
import { createDispatcher } from "./flow/dispatcher.ts";
import type { Dispatcher, DispatcherOptions } from "./flow/dispatcher.ts";
import { createTaskRunner } from "./flow/run-task.ts";
import { createNodeDoctor } from "./flow/examine-node.ts";
import type { NodeDoctor } from "./flow/examine-node.ts";
import { createNodeRegistrar } from "./flow/create-node-registrar.ts";
import { stopCascade } from "./flow/stop-cascade.ts";
import { createStopStory } from "./flow/stop-story.ts";
import { createTaskRegistry } from "./flow/task-registry.ts";
import type { OpenHives } from "./gateway/create-hives.ts";
import { createHives } from "./gateway/create-hives.ts";
import { createJoinedRuns } from "./gateway/join-runs.ts";
import { probePort } from "./gateway/probe-port.ts";
import { createInference } from "./gateway/relay-inference.ts";
import { createHandlers } from "./http/create-handlers.ts";
import type { HttpWorld, QueenIdentity } from "./http/http-world.ts";
import { workersToWire } from "./http/worker-to-wire.ts";
import { logTaskEnd } from "./log-task-end.ts";
import type { NodeInstaller, NodeRegistry, Ssh } from "./node-ports.ts";
import type { NodeAccess, Nodes, QueenLogs } from "./ports.ts";
import { showNodes } from "./show-nodes.ts";

export interface QueenOptions {
  readonly identity: QueenIdentity;
  readonly nodes: Nodes;
  readonly registry: NodeRegistry;
  readonly ssh: Ssh;
  readonly installer: NodeInstaller;
  readonly removeKey: (node: NodeAccess) => void;
  readonly logs: QueenLogs;
  /** As they are followed now; what needs a restart is read once. */
  readonly currentSettings: () => Settings;
  readonly settingsReport: HttpWorld["settings"];
  readonly access: Pick<QueenAccess, "currentKey" | "keyRing" | "keys" | "usage">;
  readonly logger: Logger;
  readonly tracer: Tracer;
  /** The built console; a copy of rbee may be without. */
  readonly consoleFolder: string | undefined;
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
  const { nodes, currentSettings, access, logger, identity } = options;
  const gate = createGate();
  const stopStory = createStopStory();
  const parts = createParts(options, gate.requireOpen);
  const { hives, tasks, metrics } = parts;
  const handlers = createHandlers({
    ...parts,
    identity,
    nodes,
    registrar: createNodeRegistrar({ ...options, hives, nowMs: Date.now }),
    installer: options.installer,
    registry: options.registry,
    nodeDoctor: createDoctor(options),
    logs: options.logs,
    keys: access.keys,
    logger,
    aliases: () => currentSettings().aliases,
    settings: options.settingsReport,
    watchState: (signal) => watchQueen(options, parts, signal),
    workerStopTimeoutMs: () => workerStopTimeoutMs(currentSettings()),
    requireOpen: gate.requireOpen,
    requestStop: options.requestStop,
    stopStory,
  });
  const app = createApp({
    program: "queen-rbee",
    version: identity.version,
    routes: queenRoutes,
    handlers,
    currentKey: access.currentKey,
    keyRing: access.keyRing,
    logger,
    metrics: metrics.metrics,
    metricsAccess: () => currentSettings().queen.metrics,
    chatBodyLimit: () => ({
      bytes: currentSettings().queen.chat_body_limit_mb * sizes.bytesPerMb,
      setting: "[queen] chat_body_limit_mb",
    }),
    allowedOrigins: () => currentSettings().queen.cors_origins?.split(",") ?? [],
    keepAliveMs: (route) => (taskRoutes.has(route) ? timings.taskKeepAliveMs : timings.keepAliveMs),
  });
  if (options.consoleFolder !== undefined) mountStaticSite(app, options.consoleFolder);
  return {
    app,
    open: hives.open,
    async stop(person) {
      gate.close();
      // Whoever does not stop in time is stopped by force while there is still time for that.
      const patienceMs = currentSettings().timeouts.shutdown * 1000 - timings.shutdownAcknowledgeMs;
      const limit = AbortSignal.timeout(Math.max(0, patienceMs));
      const impatience = AbortSignal.any([person, limit]);
      const narrate = createNarrator({ actor: "queen-rbee", logger, emit: stopStory.tell });
      await stopCascade({ nodes, hives, tasks, narrate, impatience });
      hives.close();
      stopStory.end();
      // Whoever watches hears the last line before the connections are closed.
      await setImmediate();
    },
  };
}

function createDoctor({ ssh, registry, identity, currentSettings }: QueenOptions): NodeDoctor {
  return createNodeDoctor({
    ssh,
    registry,
    probePort,
    version: identity.version,
    hiveProgram: () => currentSettings().remote.binary_path,
    nowMs: Date.now,
  });
}

const taskRoutes = new Set([
  "createTask",
  "spawnWorker",
  "createChatCompletion",
  "createCompletion",
]);

function createGate() {
  let isClosed = false;
  return {
    close: () => void (isClosed = true),
    requireOpen() {
      if (isClosed) throw new RbeeError("SHUTTING_DOWN", { program: "queen-rbee" });
    },
  };
}

type Parts = ReturnType<typeof createParts>;

function createParts(options: QueenOptions, requireOpen: () => void) {
  const { nodes, currentSettings, logger, identity } = options;
  const { timeouts } = currentSettings();
  const view = createWorkerView(nodes.names, createViewOptions(currentSettings));
  const changes = createChangeSignal();
  const metrics = createQueenMetrics({
    version: identity.version,
    listRunning: () => tasks.running(),
    listKeys: options.access.keys.list,
    listNodes: view.listNodes,
    listWorkers: view.listWorkers,
    weightOf: (worker) => view.weightOf(worker, performance.now()),
    refresh: () => refreshNodes(),
  });
  const dispatcher = createDispatcher(dispatcherOptions(options, view, metrics));
  const opened = createHives({
    nodes,
    view,
    version: identity.version,
    instanceId: identity.instanceId,
    connectTimeoutMs: timeouts.connect * 1000,
    heartbeatMs: timeouts.heartbeat * 1000,
    workerStartTimeoutMs: timeouts.worker_start * 1000,
    logger,
    onWorkerEnd: metrics.workerEnded,
    onChange() {
      dispatcher.pump();
      changes.notify();
    },
  });
  const hives = withGate(opened, requireOpen);
  const refreshNodes = createNodeRefresh({ nodes, hives: opened, view });
  const tasks = createTaskRegistry(changes.notify, observeTasks(options.tracer, metrics.observe));
  const askWorker = createWorkerAsker(options, { hives, dispatcher, metrics });
  const makings = createJoinedRuns<void>();
  const runner = createTaskRunner({
    nodes,
    hives,
    view,
    changes,
    join: makings.join,
    workerStopTimeoutMs: () => workerStopTimeoutMs(currentSettings()),
    onEvicted: metrics.evicted,
    tasks,
    dispatcher,
    askWorker,
    onEnd(end) {
      options.access.usage.count(end.source, end.promptTokens, end.tokens);
      logTaskEnd(logger, end);
    },
    requireOpen,
  });
  return { view, changes, metrics, hives, tasks, runner };
}

function dispatcherOptions(
  { currentSettings }: QueenOptions,
  view: WorkerView,
  metrics: QueenMetrics,
): DispatcherOptions {
  return {
    view,
    get queueLimit() {
      return currentSettings().queen.queue_limit;
    },
    get queueWaitMs() {
      return currentSettings().queen.queue_wait * 1000;
    },
    onPlaced: metrics.placed,
  };
}

function workerStopTimeoutMs({ timeouts }: Settings): number {
  return timeouts.drain * 1000 + timings.workerShutdownMs;
}

interface AskerParts {
  readonly hives: OpenHives;
  readonly dispatcher: Dispatcher;
  readonly metrics: QueenMetrics;
}

// The limits are asked for each task: they may be changed while the queen runs.
function createWorkerAsker(options: QueenOptions, { hives, dispatcher, metrics }: AskerParts) {
  const limits = () => options.currentSettings().timeouts;
  return createAskWorker({
    hives,
    inference: createInference(),
    dispatcher,
    get inferenceTimeoutMs() {
      return limits().inference * 1000;
    },
    get tokenStallMs() {
      return limits().token_stall * 1000;
    },
    onStream: metrics.streamOpened,
  });
}

// Nobody starts a hive again that is just being stopped.
function withGate(hives: OpenHives, requireOpen: () => void): OpenHives {
  return {
    ...hives,
    async ensure(node, errand) {
      requireOpen();
      return await hives.ensure(node, errand);
    },
    async start(node, errand) {
      requireOpen();
      return await hives.start(node, errand);
    },
  };
}

async function* watchQueen(
  { identity, currentSettings, nodes }: QueenOptions,
  { view, tasks, changes }: Parts,
  signal: AbortSignal,
): AsyncGenerator<QueenEvent, void, void> {
  const heartbeatMs = currentSettings().timeouts.heartbeat * 1000;
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
      nodes: showNodes(view),
      workers: await workersToWire(view.listWorkers(), { nodes, view }),
      tasks: tasks.list(),
    };
  }
}
