import { performance } from "node:perf_hooks";
import { RbeeError } from "@rbee/contract";
import type { ProcessEnd } from "../domain/advance-worker.ts";
import type { CatalogueModel } from "../domain/catalogue-model.ts";
import { findFreePort } from "./find-free-port.ts";
import { parseWorkerLine } from "./parse-worker-line.ts";
import type { PoolWorld } from "./pool-world.ts";
import { startupFailed, unlessEnded } from "./spawn.ts";
import type { Spawn } from "./spawn.ts";
import type { LiveWorker, WorkerRegistry } from "./worker-registry.ts";
import { startWorkerProcess } from "./worker-process.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface Launching {
  readonly spawn: Spawn;
  readonly live: LiveWorker;
  readonly model: CatalogueModel;
  readonly world: PoolWorld;
  readonly registry: WorkerRegistry;
}

// What a worker exits with when somebody else took its port in the meantime.
const portTakenExitCode = 98;

/** Starts the process on the first free port and waits until its HTTP answers. */
export async function launchWorker(launching: Launching): Promise<void> {
  const { spawn, world } = launching;
  let from = world.settings().hive.worker_port_base;
  for (;;) {
    spawn.control.signal.throwIfAborted();
    const port = await choosePort(from, launching);
    const child = startProcess(port, launching);
    const end = await waitForHttp(child, launching);
    if (end === undefined) return;
    spawn.narrate({
      action: "port-taken",
      human: `port ${port} was taken in the meantime; the next one is tried`,
      level: "warn",
      port,
    });
    from = port + 1;
  }
}

// Whoever reaches the hive reaches its workers, too: the queen has the tokens from them.
function workerHost(world: PoolWorld): string {
  return world.settings().hive.host;
}

async function choosePort(from: number, { live, registry, world }: Launching): Promise<number> {
  const host = workerHost(world);
  const others = registry.listProcesses().filter((other) => other !== live);
  const taken = new Set(others.flatMap(({ port }) => (port === null ? [] : [port])));
  const port = await findFreePort({ host, from, taken });
  if (port !== undefined) return port;
  throw new RbeeError("PORT_IN_USE", { program: "llm-worker-rbee", host, port: from });
}

function startProcess(port: number, launching: Launching): WorkerProcess {
  const { spawn, live, world, registry } = launching;
  live.port = port;
  const { id, record } = live;
  const child = startWorkerProcess({
    command: world.readManifest().command,
    commandArguments: buildArguments(port, launching),
    key: live.key,
    log: live.log,
    onLine: (line) => hear(line, launching),
  });
  live.process = child;
  registry.dispatch(live, { type: "process-started", pid: child.pid });
  void child.ended.then((end) => {
    if (!triesNextPort(end, launching)) registry.conclude(live, end);
  });
  const where = `${record.backend}:${record.device}`;
  spawn.narrate({
    action: "worker-starting",
    target: id,
    human: `starting ${id} on port ${port} (${where})`,
    cute: `🐝 starting ${id} on port ${port} (${where})`,
    worker_id: id,
    model_ref: record.modelRef,
    backend: record.backend,
    device: where,
    port,
    ...(child.pid === null ? {} : { pid: child.pid }),
  });
  return child;
}

function triesNextPort(end: ProcessEnd, { spawn, live }: Launching): boolean {
  const isPortTaken = end.exitCode === portTakenExitCode && live.record.url === null;
  return isPortTaken && !spawn.control.signal.aborted;
}

function buildArguments(port: number, { live, model, world }: Launching): string[] {
  const { id, record } = live;
  const { threads } = world.settings().worker;
  return [
    ["--worker-id", id],
    ["--model", model.localPath],
    ["--model-ref", record.modelRef],
    ["--backend", record.backend],
    ["--device", String(record.device)],
    ["--host", workerHost(world)],
    ["--port", String(port)],
    ["--callback-url", `${world.hiveUrl()}/v1/workers/ready`],
    ["--slots", String(record.slotsTotal)],
    ["--context", String(record.context)],
    ["--key-fd", "0"],
    ...(threads === undefined ? [] : [["--threads", String(threads)]]),
  ].flat();
}

function hear(text: string, { spawn, live, registry, world }: Launching): void {
  const line = parseWorkerLine(text);
  if (line.type === "status") registry.dispatch(live, { type: "status", status: line.status });
  if (line.type !== "narration") return;
  // Once it is ready, what it says belongs to requests that hear it from the worker itself.
  if (live.record.readySinceMs !== null) return;
  const { correlationId: correlation_id } = spawn;
  const known = correlation_id === undefined ? {} : { correlation_id };
  spawn.story.append({ ...line.narration, ...known, node: world.node, worker_id: live.id });
}

// Undefined when the worker called back; its end when its port was taken.
async function waitForHttp(
  child: WorkerProcess,
  { spawn, live, world }: Launching,
): Promise<ProcessEnd | undefined> {
  const startedAt = performance.now();
  const silence = Promise.withResolvers<ProcessEnd>();
  const timer = setTimeout(
    () => silence.resolve({ exitCode: null, signal: null }),
    world.settings().timeouts.worker_start * 1000,
  );
  try {
    const calledBack = live.calledBack.promise.then(() => undefined);
    const end = await unlessEnded(spawn, Promise.race([calledBack, child.ended, silence.promise]));
    if (end === undefined || end.exitCode === portTakenExitCode) return end;
    const waitedMs = performance.now() - startedAt;
    throw startupFailed({ node: world.node, live, ...end, waitedMs });
  } finally {
    clearTimeout(timer);
  }
}
