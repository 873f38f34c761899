// What the worker's tests share: a worker in this process with the real engine and the bundled
// model, behind a real HTTP server, and how to read its answers.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commonErrors, ErrorEnvelope, TaskEvent, workerRoutes } from "@rbee/contract";
import type { BackendName, ErrorBody, Route } from "@rbee/contract";
import { createLogger, createServer } from "@rbee/daemon";
import { Settings } from "@rbee/settings";
import { silentTracer } from "@rbee/telemetry";
import { writeBertModel, writeLlamaModel } from "@rbee/testkit";
import type { LlamaShape } from "@rbee/testkit";
import { createWorker } from "../src/create-worker.ts";
import type { Worker, WorkerOptions } from "../src/index.ts";
import type { Engine } from "../src/engine.ts";

export const key = "a-key-of-32-characters-or-nearly";
export const modelPath = fileURLToPath(
  new URL("../../../models/hello-bee/hello-bee-3m-q8_0.gguf", import.meta.url),
);
/** At this temperature the rambling model goes on until it is stopped. */
export const endless = { prompt: "Once", temperature: 0, max_tokens: 4000 };

export interface TestWorker {
  readonly worker: Worker;
  readonly url: string;
  /** What the hive would read. */
  readonly lines: readonly string[];
  readonly hasLeft: () => boolean;
  /** The engine once the model is loaded, to look at or to take away. */
  readonly engine: () => Promise<Engine>;
  readonly ask: (name: keyof typeof workerRoutes, options?: AskOptions) => Promise<Response>;
  /** How many slots are taken, by the worker's own metrics. */
  readonly countBusySlots: () => Promise<number>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

interface AskOptions {
  readonly body?: unknown;
  readonly id?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * A model of random weights that never says its end token by itself and reads longer prompts than
 * the bundled one. It is written anew for each process of tests, into a folder that it deletes.
 */
export async function writeRamblingModel(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "rbee-worker-test-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const path = join(folder, "rambling.gguf");
  const shape: LlamaShape = {
    name: "rambling",
    layers: 4,
    width: 256,
    heads: 4,
    feedForwardWidth: 512,
    vocabularySize: 2048,
    contextLength: 4096,
    isTied: false,
    weightType: "F16",
  };
  await writeLlamaModel(path, shape, modelPath);
  return path;
}

/** A small model of random weights that embeds or ranks, and does nothing else. */
export function writeBert(purpose: "embed" | "rank"): string {
  const folder = mkdtempSync(join(tmpdir(), "rbee-worker-test-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const path = join(folder, `${purpose}.gguf`);
  writeBertModel(path, { name: purpose, purpose });
  return path;
}

interface Changes {
  readonly slots?: number;
  readonly modelPath?: string;
  readonly backend?: BackendName;
  readonly timeouts?: Readonly<Record<string, number>>;
  /** Leaves the model on disk: the worker stays in the state `loading`. */
  readonly isLoaded?: boolean;
}

export async function startTestWorker(changes: Changes = {}): Promise<TestWorker> {
  const lines: string[] = [];
  const opened = Promise.withResolvers<Engine>();
  let hasLeft = false;
  const worker = createWorker({
    ...describeWorker(changes),
    engine: import("../src/engine/llama-engine.ts").then((llama) => ({
      estimateEngineMemory: llama.estimateEngineMemory,
      async openEngine(options) {
        const engine = await llama.openEngine(options);
        opened.resolve(engine);
        return engine;
      },
    })),
    write: (line) => lines.push(line),
    onLeave: () => (hasLeft = true),
  });
  const server = createServer(worker.app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  worker.noteListening(url);
  if (changes.isLoaded !== false) await worker.load();
  return {
    worker,
    url,
    lines,
    hasLeft: () => hasLeft,
    engine: async () => await opened.promise,
    ask: async (name, options) => await ask(url, workerRoutes[name], options),
    async countBusySlots() {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(/^rbee_worker_slots_busy\S* (\d+)$/m.exec(text)?.[1]);
    },
    async [Symbol.asyncDispose]() {
      await worker.stop(0, new AbortController().signal);
      server.close();
      server.closeAllConnections();
    },
  };
}

function describeWorker(changes: Changes): Omit<WorkerOptions, "engine" | "write" | "onLeave"> {
  const backend = changes.backend ?? "cpu";
  return {
    workerId: "test",
    backend,
    plan: {
      modelPath: changes.modelPath ?? modelPath,
      modelReference: "hello-bee",
      backend,
      device: 0,
      slots: changes.slots ?? 2,
      contextSize: 8192,
      threads: 1,
    },
    timeouts: Settings.parse({ timeouts: changes.timeouts ?? {} }).timeouts,
    metricsAccess: "public",
    tracer: silentTracer,
    version: "0.1.0",
    logger: createLogger({ program: "test", sinks: [] }),
    currentKey: () => key,
  };
}

async function ask(url: string, route: Route, options: AskOptions = {}): Promise<Response> {
  const path = route.path.replace(":request_id", options.id ?? "");
  const response = await fetch(`${url}${path}`, {
    method: route.method.toUpperCase(),
    headers: { authorization: `Bearer ${key}`, ...options.headers },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (response.ok) return response;
  const { code } = ErrorEnvelope.parse(await response.clone().json()).error;
  const declared: readonly string[] = [...commonErrors, ...route.errors];
  assert.ok(declared.includes(code), `${route.path} does not declare ${code}`);
  return response;
}

/** The error that a response carries, which must have this code. */
export async function errorOf(response: Response, code: string): Promise<ErrorBody> {
  const { error } = ErrorEnvelope.parse(await response.json());
  assert.equal(error.code, code, error.message);
  return error;
}

/** The events of a stream as they come; `[DONE]` must be its end. */
export async function* readEvents(response: Response): AsyncGenerator<TaskEvent, void, void> {
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.ok(response.body !== null);
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const frames = (rest + text).split("\n\n");
    rest = frames.pop() ?? "";
    for (const frame of frames) {
      if (frame.startsWith(":")) continue;
      if (frame === "data: [DONE]") return;
      yield TaskEvent.parse(JSON.parse(frame.replace(/^data: /, "")));
    }
  }
  assert.fail("the stream ended without [DONE]");
}

export async function collectEvents(response: Response): Promise<TaskEvent[]> {
  const events: TaskEvent[] = [];
  for await (const event of readEvents(response)) events.push(event);
  return events;
}

/** Reads on until an event of this type comes. */
export async function waitForEvent<Type extends TaskEvent["type"]>(
  events: AsyncGenerator<TaskEvent, void, void>,
  type: Type,
): Promise<Extract<TaskEvent, { type: Type }>> {
  for (;;) {
    const next = await events.next();
    assert.ok(next.done !== true, `the stream ended without ${type}`);
    if (next.value.type === type) return next.value as Extract<TaskEvent, { type: Type }>;
  }
}
