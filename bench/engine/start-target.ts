import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  type BenchTarget,
  type Dialect,
  generateOverHttp,
  llamaServerDialect,
  type ServerAddress,
  workerDialect,
} from "./bench-target.ts";

export interface ServedModel {
  readonly modelPath: string;
  readonly slots: number;
  /** Tokens of one slot. */
  readonly contextSize: number;
  /** For both; absent gives llama-server all cores and lets rbee choose. */
  readonly threads: number | undefined;
}

// However the bench ends, its servers end with it.
const owned = new Set<ChildProcess>();
process.once("exit", () => owned.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

function own<Child extends ChildProcess>(child: Child): Child {
  owned.add(child);
  child.once("exit", () => owned.delete(child));
  return child;
}

const pollMs = 10;
const startTimeoutMs = 60_000;

/** `llama-server` with the same slots, context and threads. */
export async function startLlamaServer(binary: string, served: ServedModel): Promise<BenchTarget> {
  const port = await findFreePort();
  const flags = [
    ["-m", served.modelPath],
    ["-c", String(served.contextSize * served.slots)],
    ["-np", String(served.slots)],
    ["-t", String(served.threads ?? availableParallelism())],
    ["--host", "127.0.0.1"],
    ["--port", String(port)],
    ["--no-webui"],
  ];
  const child = own(spawn(binary, flags.flat(), { stdio: "ignore" }));
  const url = `http://127.0.0.1:${port}`;
  await waitUntil(child, async () => (await fetch(`${url}/health`)).ok);
  return createTarget("llama-server", { child, url }, llamaServerDialect);
}

/** The real worker, with its own home. */
export async function startWorker(served: ServedModel, home: string): Promise<BenchTarget> {
  const port = await findFreePort();
  const program = fileURLToPath(new URL("../../packages/worker/src/main.ts", import.meta.url));
  const flags = [
    ["--model", served.modelPath],
    ["--slots", String(served.slots)],
    ["--context", String(served.contextSize)],
    ["--port", String(port)],
    served.threads === undefined ? [] : ["--threads", String(served.threads)],
  ];
  mkdirSync(home, { recursive: true });
  const environment = { ...process.env, HOME: home };
  const child = own(
    spawn(process.execPath, [program, ...flags.flat()], { stdio: "ignore", env: environment }),
  );
  const url = `http://127.0.0.1:${port}`;
  await waitUntil(child, async () => {
    const response = await fetch(`${url}/v1/ready`);
    return ((await response.json()) as { readonly ready?: boolean }).ready === true;
  });
  return createTarget("rbee", { child, url }, workerDialect);
}

/** The engine behind a bare HTTP server. */
export async function startEngineServer(served: ServedModel): Promise<BenchTarget> {
  const script = fileURLToPath(new URL("./engine-server.ts", import.meta.url));
  const flags = [script, served.modelPath, String(served.slots), String(served.contextSize)];
  if (served.threads !== undefined) flags.push(String(served.threads));
  const child = own(spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] }));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const port = /listening on (\d+)/.exec(line.toString())?.[1];
  if (port === undefined) throw new Error(`The engine server did not start: ${line.toString()}`);
  return createTarget("rbee", { child, url: `http://127.0.0.1:${port}` }, workerDialect);
}

/** A worker that runs already; it is left running. */
export function connectWorker(address: ServerAddress, processId?: number): BenchTarget {
  return {
    name: "rbee",
    processId,
    generate: (generation) => generateOverHttp(address, workerDialect, generation),
    stop: async () => undefined,
  };
}

function createTarget(
  name: string,
  { child, url }: { readonly child: ChildProcess; readonly url: string },
  dialect: Dialect,
): BenchTarget {
  return {
    name,
    processId: child.pid,
    generate: (generation) => generateOverHttp({ url }, dialect, generation),
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}

async function waitUntil(child: ChildProcess, isReady: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + startTimeoutMs;
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}`);
    if (await isReady().catch(() => false)) return;
    await wait(pollMs);
  }
  throw new Error("The server did not become ready");
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
