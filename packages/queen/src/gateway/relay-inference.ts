import { Agent, request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { deadlineHeaders, errorFromWire, RbeeError, timings } from "@rbee/contract";
import { createWorkerClient } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import { WorkerSilence } from "../ports.ts";
import type { Hop, Inference, InferenceOrder, RelayEnd, RelayTarget } from "../ports.ts";
import { computeOnWorker } from "./compute-on-worker.ts";
import { createFrameScanner } from "./scan-frames.ts";

/**
 * Tokens from a worker to a client, the hot path: one keep-alive connection per running stream,
 * frames passed on as they came, the worker paused while the client is slow.
 */
export function createInference(): Inference {
  const agent = new Agent({ keepAlive: true });
  return {
    async open(order) {
      const response = await ask({ agent, order }, 1);
      if (response.statusCode !== 200) throw await readRefusal(response, order);
      return {
        relay: (target) => relay(response, target),
        close: () => response.destroy(),
      };
    },
    compute: computeOnWorker,
    async cancel({ url, apiKey }, taskId) {
      const client = createWorkerClient({ baseUrl: url, key: () => apiKey, fetch: nodeFetch });
      const timeoutMs = timings.cancelTimeoutMs;
      await client
        .call("cancelInference", { params: { request_id: taskId }, timeoutMs })
        .catch(() => {});
    },
  };
}

interface Asking {
  readonly agent: Agent;
  readonly order: InferenceOrder;
}

async function ask(asking: Asking, freshConnections: number): Promise<IncomingMessage> {
  const { agent, order } = asking;
  const { signal } = order.hop;
  signal.throwIfAborted();
  const body = Buffer.from(JSON.stringify(order.body));
  const sent = httpRequest(`${order.address.url}/v1/inference`, {
    method: "POST",
    agent,
    headers: requestHeaders(order, body.length),
  });
  let isSilent = false;
  const abort = () => sent.destroy();
  const limit = setTimeout(() => {
    isSilent = true;
    abort();
  }, timings.connectionLostMs);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      sent.once("response", resolve).once("error", reject).end(body);
    });
  } catch (error) {
    signal.throwIfAborted();
    // A kept connection that the worker closed meanwhile says nothing about the worker.
    if (sent.reusedSocket && !isSilent && freshConnections > 0)
      return await ask(asking, freshConnections - 1);
    throw new WorkerSilence(isSilent ? "silent" : "refused", { cause: error });
  } finally {
    clearTimeout(limit);
    signal.removeEventListener("abort", abort);
    // A late reset of a request that nobody waits for any more is no news.
    sent.on("error", () => {});
  }
}

function requestHeaders({ address, hop }: InferenceOrder, length: number): Record<string, string> {
  return {
    "content-type": "application/json",
    "content-length": String(length),
    authorization: `Bearer ${address.apiKey}`,
    ...hopHeaders(hop),
  };
}

function hopHeaders({ correlationId, traceparent, deadline }: Hop): Record<string, string> {
  return {
    "x-correlation-id": correlationId,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(deadline === undefined ? {} : deadlineHeaders(deadline)),
  };
}

async function readRefusal(response: IncomingMessage, order: InferenceOrder): Promise<Error> {
  const error = errorFromWire((await readJson(response))?.error);
  if (error === undefined) {
    const found = `it answered with status ${response.statusCode}`;
    const details = { from: "llm-worker-rbee", expected: "an event stream", found };
    return new RbeeError("INVALID_RESPONSE", details);
  }
  if (!RbeeError.is(error, "INVALID_API_KEY") && !RbeeError.is(error, "MISSING_API_KEY"))
    return error;
  const { host } = new URL(order.address.url);
  return new RbeeError("INVALID_API_KEY", { program: error.details.program, host });
}

async function readJson(response: IncomingMessage): Promise<{ error?: unknown } | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return JSON.parse(Buffer.concat(chunks).toString()) as { error?: unknown };
  } catch {
    return undefined;
  }
}

// What is lost is to be known within the limit, however the checks fall.
const silenceCheckMs = timings.connectionLostMs / 25;
const silenceMaxMs = timings.connectionLostMs - silenceCheckMs;

function relay(response: IncomingMessage, target: RelayTarget): Promise<RelayEnd> {
  const scan = createFrameScanner();
  const { signal } = target;
  let lastByteAt = performance.now();
  let lastTokenAt = lastByteAt;
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearInterval(watch);
      signal.removeEventListener("abort", onAbort);
      response.removeAllListeners("data").removeAllListeners("close");
    };
    const finish = (end: RelayEnd) => {
      leave();
      if (end.kind === "ended") drain(response);
      else response.destroy();
      resolve(end);
    };
    const fail = (error: unknown) => {
      leave();
      response.destroy();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const onAbort = () => fail(signal.reason);
    const watch = setInterval(() => {
      const now = performance.now();
      // A reader that is slow keeps us from reading; that silence is not the worker's.
      if (response.isPaused()) lastByteAt = lastTokenAt = now;
      else if (now - lastByteAt > silenceMaxMs) finish({ kind: "silent" });
      else if (now - lastTokenAt > target.tokenStallMs) finish({ kind: "stalled" });
    }, silenceCheckMs);
    const onChunk = (chunk: Buffer) => {
      lastByteAt = performance.now();
      const { frames, tokens, promptTokens, terminal, isOver } = scan(chunk);
      if (promptTokens !== undefined) target.notePromptTokens(promptTokens);
      if (tokens > 0) {
        lastTokenAt = lastByteAt;
        target.countTokens(tokens);
      }
      const waiting = frames === undefined ? undefined : target.sendFrames(frames);
      if (terminal !== undefined) finish({ kind: "ended", errorCode: terminal.errorCode });
      else if (isOver) finish({ kind: "broken" });
      else if (waiting !== undefined) {
        response.pause();
        void waiting.then(() => response.resume());
      }
    };
    response.on("error", () => {});
    response.on("close", () => finish({ kind: "broken" }));
    response.on("data", (chunk: Buffer) => {
      try {
        onChunk(chunk);
      } catch (error) {
        fail(error);
      }
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}

// What follows the terminal event is read to its end so that the connection can serve again.
function drain(response: IncomingMessage): void {
  const limit = setTimeout(() => response.destroy(), timings.connectionLostMs);
  limit.unref();
  response.once("close", () => clearTimeout(limit)).resume();
}
