import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { RbeeError } from "@rbee/contract";
import type { InferenceDone, InferenceResult, workerRoutes } from "@rbee/contract";
import type { Call, SseWriter } from "@rbee/daemon";
import { findFault } from "./worker-fault.ts";
import type { FaultPoint, WorkerFault } from "./worker-fault.ts";
import { die } from "./worker-script.ts";
import type { WorkerScript } from "./worker-script.ts";

type InferCall = Call<typeof workerRoutes.infer>;

interface Running {
  readonly control: AbortController;
  tokens: number;
}

export interface ScriptedGenerator {
  readonly infer: (call: InferCall) => Promise<Response | InferenceResult>;
  readonly cancel: (requestId: string) => void;
  readonly slots: () => { readonly slotsTotal: number; readonly slotsBusy: number };
  /** Settles when no request runs. */
  readonly drained: () => Promise<void>;
  readonly endAll: (error: RbeeError) => void;
}

const story = ["Once", " upon", " a", " time", " there", " was", " a", " bee", ".", " It"];
const tokensDefault = 20;
// About what a token of a large vocabulary holds.
const tokenCharacters = /[^]{1,4}/g;

// The step that all slots wait for, when they make their tokens together.
let step: Promise<void> | undefined;

export interface GeneratorOptions {
  readonly script: WorkerScript;
  /** So long without a token is the end of a request. */
  readonly stallMs: number;
  /** Hears whenever a slot is taken or freed. */
  readonly onChange: () => void;
}

interface Generation extends GeneratorOptions {
  readonly words: readonly string[];
}

/** Makes the same words at a steady pace, in as many slots as it was given. */
export function createScriptedGenerator(options: GeneratorOptions): ScriptedGenerator {
  const { script, onChange } = options;
  const generation = { ...options, words: readWords(script) };
  const running = new Map<string, Running>();
  let requests = 0;

  const open = (call: InferCall): Opened => {
    const slotsBusy = running.size;
    if (slotsBusy >= script.slots) {
      throw new RbeeError("ALL_SLOTS_BUSY", { slots_total: script.slots, slots_busy: slotsBusy });
    }
    requests += 1;
    const requestId = call.body.job_id ?? `request-${requests}`;
    const request: Running = { control: new AbortController(), tokens: 0 };
    running.set(requestId, request);
    onChange();
    const close = () => {
      running.delete(requestId);
      onChange();
    };
    return { script, call, requestId, request, startedAt: performance.now(), close };
  };
  return {
    infer(call) {
      const opened = open(call);
      const tokens = untilCancelled(generate(generation, opened), opened.request);
      const isWhole = call.body.stream === false;
      return isWhole ? answerWhole(tokens, opened) : answerStream(tokens, opened);
    },
    cancel: (requestId) => running.get(requestId)?.control.abort(),
    slots: () => ({ slotsTotal: script.slots, slotsBusy: running.size }),
    async drained() {
      while (running.size > 0) await delay(script.tokenMs);
    },
    endAll(error) {
      for (const { control } of running.values()) control.abort(error);
    },
  };
}

interface Opened {
  readonly script: WorkerScript;
  readonly call: InferCall;
  readonly requestId: string;
  readonly request: Running;
  readonly startedAt: number;
  readonly close: () => void;
}

async function* generate(
  { script, stallMs, words }: Generation,
  { call, request }: Opened,
): AsyncGenerator<string, void, void> {
  const signal = AbortSignal.any([call.signal, request.control.signal]);
  const limit = call.body.max_tokens ?? tokensDefault;
  for (let index = 0; index < limit; index += 1) {
    if (script.hangsAtToken === index) {
      // An engine that computes no more: the worker itself gives the request up.
      await delay(stallMs, undefined, { signal });
      const seconds = stallMs / 1000;
      throw new RbeeError("GENERATION_TIMEOUT", { seconds, tokens_generated: request.tokens });
    }
    if (script.failsAtToken === index) {
      throw new RbeeError("INFERENCE_FAILED", { reason: "the script says that it fails" });
    }
    await pause(script, signal);
    // After the pause, so that the tokens before this one have left the process.
    if (script.diesAtToken === index) die(script.death);
    request.tokens += 1;
    yield script.stampsTokens
      ? String(process.hrtime.bigint())
      : (words[index % words.length] ?? "");
  }
}

function readWords({ textFile }: WorkerScript): readonly string[] {
  if (textFile === undefined) return story;
  return readFileSync(textFile, "utf8").match(tokenCharacters) ?? story;
}

function pause({ isInStep, tokenMs }: WorkerScript, signal: AbortSignal): Promise<void> {
  if (!isInStep) return delay(tokenMs, undefined, { signal });
  step ??= delay(tokenMs).then(() => void (step = undefined));
  return signal.aborted ? Promise.reject(signal.reason as Error) : step;
}

async function answerStream(tokens: AsyncIterable<string>, opened: Opened): Promise<Response> {
  const { script, call, requestId, request, startedAt, close } = opened;
  if (script.failsByPrompt && isGarbage(findFault(call.body))) {
    close();
    return new Response("<html>garbage</html>");
  }
  await fail(opened, "before-head");
  return call.stream(async (writer) => {
    const { send } = writer;
    const failAt = (point: FaultPoint) => fail(opened, point, writer);
    try {
      await failAt("after-head");
      await send({ type: "started", request_id: requestId, prompt_tokens: 1, cached_tokens: 0 });
      await failAt("after-started");
      let index = 0;
      for await (const token of tokens) {
        await send({ type: "token", token, index });
        index += 1;
        if (index === faultTokens) await failAt("after-token");
        if (index === faultTokens) await failAt("mid-frame");
      }
      await send(buildTotals(request, startedAt));
      await failAt("after-done");
    } finally {
      close();
    }
  });
}

function isGarbage(fault: WorkerFault | undefined): boolean {
  return fault?.kind === "garbage" && fault.point === "before-head";
}

// So many tokens have come before it goes wrong among them.
const faultTokens = 3;
// What was written before leaves the process first.
const faultPauseMs = 30;

/** Does what the prompt asked for at this point of its stream. */
async function fail(
  { call, script, request }: Opened,
  point: FaultPoint,
  writer?: SseWriter,
): Promise<void> {
  const fault = findFault(call.body);
  if (fault?.point !== point || !script.failsByPrompt) return;
  if (point === "mid-frame") void writer?.sendFrames('data: {"type":"token","tok');
  if (fault.kind === "garbage")
    void writer?.sendFrames("\u0000\u0007 garbage\ndata: {nonsense\n\n");
  await delay(faultPauseMs);
  if (fault.kind === "die") die(script.death);
  if (fault.kind === "stall") {
    const signal = AbortSignal.any([call.signal, request.control.signal]);
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve, { once: true });
      if (signal.aborted) resolve(undefined);
    });
  }
}

async function answerWhole(
  tokens: AsyncIterable<string>,
  { requestId, request, startedAt, close }: Opened,
): Promise<InferenceResult> {
  try {
    let text = "";
    for await (const token of tokens) text += token;
    const { type: _type, done: _done, ...totals } = buildTotals(request, startedAt);
    return { ...totals, request_id: requestId, text, cached_tokens: 0 };
  } finally {
    close();
  }
}

// A cancelled generation ends well; one that is ended with an error of ours fails with it.
async function* untilCancelled(
  tokens: AsyncIterable<string>,
  { control }: Running,
): AsyncGenerator<string, void, void> {
  try {
    yield* tokens;
  } catch (error) {
    if (RbeeError.is(control.signal.reason)) throw control.signal.reason;
    if (!control.signal.aborted) throw error;
  }
}

function buildTotals(request: Running, startedAt: number): InferenceDone {
  const durationMs = performance.now() - startedAt;
  const isCancelled = request.control.signal.aborted;
  return {
    type: "done",
    done: true,
    total_tokens: request.tokens,
    duration_ms: durationMs,
    stop_reason: isCancelled ? "CANCELLED" : "MAX_TOKENS",
    prompt_tokens: 1,
    time_to_first_token_ms: request.tokens === 0 ? null : durationMs / request.tokens,
    tokens_per_sec: (request.tokens * 1000) / durationMs,
  };
}
