#!/usr/bin/env node
// A real program that keeps the worker contract and shows, on demand, the faults that a real worker
// cannot be made to show: stuck at layer 28, silent, dying at token 12. A hive finds it by a
// manifest, as it would find any other engine.
import { homedir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { RbeeError, sizes, timings, workerRoutes } from "@rbee/contract";
import type { ProgressEvent, WorkerReadyCall, WorkerState } from "@rbee/contract";
import {
  createApp,
  createFrameHub,
  createLogger,
  createMetrics,
  createServer,
  localUrl,
  watchLifeline,
} from "@rbee/daemon";
import type { Call } from "@rbee/daemon";
import { loadSettings } from "@rbee/settings";
import { createScriptedGenerator } from "./scripted-generator.ts";
import { die, parseWorkerScript } from "./worker-script.ts";

const program = "llm-worker-rbee";
const portTakenExitCode = 98;
const script = parseWorkerScript(process.argv.slice(2));
const key = Promise.withResolvers<string>();
const forever = new Promise<never>(() => {});
const progress: ProgressEvent[] = [];
let failure: RbeeError | undefined;
const failureTold = Promise.withResolvers<void>();
let state: WorkerState = "starting";
let lastActivity: string | null = null;
let wakeReaders = Promise.withResolvers<void>();

function tellStatus(): void {
  const { slotsTotal, slotsBusy } = generator.slots();
  const status = {
    state,
    slots_total: slotsTotal,
    slots_available: state === "idle" ? slotsTotal - slotsBusy : 0,
    memory_bytes: memoryBytes(),
    last_activity: lastActivity,
    context: script.context,
  };
  process.stdout.write(`${JSON.stringify({ status })}\n`);
}

function memoryBytes(): number {
  return script.memoryMb * sizes.bytesPerMb;
}

function setState(next: WorkerState): void {
  state = next;
  tellStatus();
  wakeReaders.resolve();
  wakeReaders = Promise.withResolvers();
}

const environment = process.env;
const { settings } = loadSettings({ environment, homeDirectory: homedir() });
const generator = createScriptedGenerator({
  script,
  stallMs: settings.timeouts.token_stall * 1000,
  onChange() {
    lastActivity = new Date().toISOString();
    const { slotsTotal, slotsBusy } = generator.slots();
    if (state === "idle" || state === "busy") setState(slotsBusy >= slotsTotal ? "busy" : "idle");
    else tellStatus();
  },
});

async function load(): Promise<void> {
  setState("loading");
  const { layersTotal } = script;
  for (let layer = 1; layer <= layersTotal; layer += 1) {
    progress.push({
      type: "progress",
      stage: "loading_to_vram",
      layers_loaded: layer,
      layers_total: layersTotal,
      vram_mb: Math.round((script.memoryMb * layer) / layersTotal),
    });
    setState("loading");
    if (script.diesAtLayer === layer) die(script.death);
    if (script.stuckAtLayer === layer) await forever;
    await delay(script.layerMs);
  }
  if (script.refusesModel) {
    const reason = "the script refuses this model";
    failure = new RbeeError("INVALID_MODEL_FILE", { model: script.modelRef, reason });
    setState("error");
    // As the real one: a hive that asks late still hears why.
    await Promise.race([failureTold.promise, delay(timings.workerFailureLingerMs)]);
    await delay(script.layerMs);
    process.exit(1);
  }
  progress.push({ type: "progress", stage: "ready" });
  setState("idle");
  if (script.diesAfterMs === undefined) return;
  await delay(script.diesAfterMs);
  die(script.death);
}

async function stop(drainMs: number): Promise<void> {
  if (script.ignoresStop) return;
  setState("draining");
  await Promise.race([generator.drained(), delay(drainMs)]);
  generator.endAll(new RbeeError("SHUTTING_DOWN", { program }));
  setState("stopped");
  await delay(script.layerMs);
  process.exit(0);
}

async function callHive(): Promise<void> {
  if (script.callbackUrl === undefined) return;
  const body: WorkerReadyCall = {
    worker_id: script.workerId,
    url: ownUrl,
    model_ref: script.modelRef,
    backend: script.backend as WorkerReadyCall["backend"],
    device: script.device,
    state: "loading",
  };
  const authorization = `Bearer ${await key.promise}`;
  const answer = await fetch(script.callbackUrl, {
    method: "POST",
    headers: { "content-type": "application/json", authorization },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the hive answers ${answer.status}`);
}

const { host, port } = script;
const ownUrl = localUrl({ host, port, url: `http://${host}:${port}` });
const isReady = () => state === "idle" || state === "busy";

async function answerHealth() {
  if (script.hangsHealth && isReady()) await forever;
  return { status: "healthy" as const, state, memory_bytes: memoryBytes() };
}

async function listen(): Promise<void> {
  const currentKey = await key.promise;
  const frames = createFrameHub();
  const offered = {
    frames: ({ query, shareConnection }: Call<typeof workerRoutes.frames>) =>
      shareConnection(query.connection),
    grantFrames({ body }: Call<typeof workerRoutes.grantFrames>): undefined {
      frames.grant(body);
    },
  };
  const app = createApp({
    program,
    version: "0.1.0",
    routes: workerRoutes,
    currentKey: () => currentKey,
    logger: createLogger({ program, level: "warn", sinks: [process.stderr] }),
    metrics: createMetrics(program),
    keepAliveMs: () => timings.taskKeepAliveMs,
    frames,
    handlers: {
      ...(script.offersFrames ? offered : {}),
      health: answerHealth,
      ready: () => {
        if (isReady()) return { ready: true as const, state, model_loaded: true as const };
        return { ready: false as const, state, progress_url: `${ownUrl}/v1/loading/progress` };
      },
      loadingProgress: ({ stream }) =>
        stream(async ({ send, signal }) => {
          for (let next = 0; !signal.aborted;) {
            const event = progress[next];
            if (event !== undefined) {
              next += 1;
              await send(event);
              if (event.stage === "ready") return;
            } else if (failure !== undefined) {
              failureTold.resolve();
              throw failure;
            } else await wakeReaders.promise;
          }
        }),
      infer: (call) => {
        if (!isReady()) throw new RbeeError("WORKER_NOT_READY", { state });
        return generator.infer(call);
      },
      cancelInference: ({ params }) => {
        generator.cancel(params["request_id"] ?? "");
        return undefined;
      },
      shutdown: ({ body }) => {
        void stop((body.timeout_seconds ?? timings.workerShutdownDrainMs / 1000) * 1000);
        return { success: true as const, message: "stopping" };
      },
    },
  });
  const server = createServer(app);
  server.on("error", () => process.exit(portTakenExitCode));
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
}

process.title = program;
watchLifeline(
  0,
  () => process.exit(0),
  (line) => key.resolve(line),
);
process.on("SIGTERM", () => void stop(0));
if (script.diesAtStart) {
  process.stderr.write("the script says that this worker dies at its start\n");
  die(typeof script.death === "number" ? script.death : 3);
}
if (script.isSilent) {
  setInterval(() => {}, timings.keepAliveMs);
  await forever;
}
if (script.takenPort === script.port) process.exit(portTakenExitCode);
await listen();
await callHive();
await load();
