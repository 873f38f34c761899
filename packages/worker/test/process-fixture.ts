// The worker as a process of its own, as a hive starts it, and the hive's end of the line.
import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, listProcessesOf, takePortBlock } from "@rbee/testkit";
import { key, modelPath } from "./worker-fixture.ts";

const program = fileURLToPath(new URL("../src/main.ts", import.meta.url));

export interface WorkerProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly url: string;
  readonly port: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; afterMs: number }>;
  readonly waitForState: (state: string) => Promise<void>;
  /** Closes the hive's end of the pipe. */
  readonly dropLifeline: () => void;
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  /** Everything of this worker that still runs, helpers included. */
  readonly listProcesses: () => readonly unknown[];
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

interface Start {
  /** Flags besides those that every worker gets. */
  readonly flags?: readonly string[];
  readonly model?: string;
  readonly port?: number;
  /** False: no key through the pipe, which then means nothing to the worker. */
  readonly hasPipeKey?: boolean;
}

export async function startWorkerProcess(start: Start = {}): Promise<WorkerProcess> {
  const home = mkdtempSync(join(tmpdir(), "rbee-worker-home-"));
  const block = await takePortBlock();
  const port = start.port ?? block.first;
  const keyFlags = start.hasPipeKey === false ? [] : ["--key-fd", "0"];
  const flags = ["--worker-id", "w-1", "--model-ref", "hello-bee", "--threads", "1", ...keyFlags];
  const child = spawn(
    process.execPath,
    [
      program,
      "--model",
      start.model ?? modelPath,
      "--port",
      `${port}`,
      ...flags,
      ...(start.flags ?? []),
    ],
    { env: { HOME: home, RBEE_HOME: home, PATH: process.env["PATH"] }, stdio: "pipe" },
  );
  const startedAt = performance.now();
  const texts = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => (texts[stream] += text));
  }
  child.stdin.on("error", () => {});
  if (start.hasPipeKey !== false) child.stdin.write(`${key}\n`);
  const ended = new Promise<Awaited<WorkerProcess["ended"]>>((resolve) => {
    child.once("close", (code, signal) => {
      resolve({ code, signal, afterMs: performance.now() - startedAt });
    });
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    child,
    url,
    port,
    ended,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    async waitForState(state) {
      const what = `state ${state}`;
      const look = () => texts.stdout.includes(`{"status":{"state":"${state}"`);
      await eventually(look, { what, timeoutMs: 30_000 });
    },
    dropLifeline: () => void child.stdin.end(),
    fetch: async (path, init = {}) =>
      await fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${key}` } }),
    listProcesses: () => listProcessesOf(home),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      block.release();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** What a worker calls when its HTTP is up, with somebody there who decides what to answer. */
export async function listenForCallback(
  onCall: (call: CallbackCall, answer: ServerResponse) => Promise<void> | void,
) {
  const calls: CallbackCall[] = [];
  const hear = async (incoming: IncomingMessage, answer: ServerResponse) => {
    const call = await readCall(incoming);
    calls.push(call);
    await onCall(call, answer);
  };
  const server = createServer((incoming, answer) => void hear(incoming, answer));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1/workers/ready`,
    calls,
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export interface CallbackCall {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

async function readCall(incoming: IncomingMessage): Promise<CallbackCall> {
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) text += String(chunk);
  const { method, url: path, headers } = incoming;
  return { method, path, authorization: headers.authorization, body: JSON.parse(text) };
}
