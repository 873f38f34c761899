import { Agent, request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { deadlineHeaders, errorFromWire, RbeeError, timings } from "@rbee/contract";
import { createWorkerClient } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import { WorkerSilence } from "../ports.ts";
import type { Hop, Inference, InferenceOrder, OpenInference, WorkerAddress } from "../ports.ts";
import { computeOnWorker } from "./compute-on-worker.ts";
import { createFrameRoads } from "./frame-roads.ts";
import type { OpenChannel } from "./frame-connection.ts";
import { relayStream } from "./relay-stream.ts";
import { createStreamClock } from "./stream-clock.ts";
import type { StreamClock } from "./stream-clock.ts";
import { readUpstream } from "./upstream.ts";
import type { Upstream } from "./upstream.ts";

/**
 * Tokens from a worker to a client, the hot path: frames passed on as they came, the worker paused
 * while the client is slow. A stream has a keep-alive connection of its own, or, when others from
 * the same worker run already and it offers that, a channel of the connection that they share.
 */
export function createInference(): Inference {
  const agent = new Agent({ keepAlive: true });
  const clock = createStreamClock();
  const roads = createFrameRoads(clock);
  return {
    async open(order) {
      const road = await roads.enter(order);
      try {
        const upstream = await askForStream({ agent, order, shared: road.shared });
        return openOn(upstream, { clock, leave: road.leave });
      } catch (error) {
        road.leave();
        throw error;
      }
    },
    compute: computeOnWorker,
    cancel: async (address, taskId) => void (await cancel(address, taskId)),
  };
}

interface Opening {
  readonly clock: StreamClock;
  readonly leave: () => void;
}

function openOn(upstream: Upstream, { clock, leave }: Opening): OpenInference {
  return {
    relay: (target) => relayStream({ upstream, target, clock }).finally(leave),
    close() {
      upstream.abandon();
      leave();
    },
  };
}

async function askForStream(asking: Asking): Promise<Upstream> {
  const { order, shared } = asking;
  const response = await ask(asking, 1);
  if (response.statusCode === 202 && shared !== undefined) {
    response.resume();
    if (!shared.channel.isLost) return shared.channel.read(() => void cancelSurely(order));
    // The connection ended while the worker was asked to answer there: nobody heard a word of it.
    await cancelSurely(order);
    return await askForStream({ ...asking, shared: undefined });
  }
  if (response.statusCode !== 200) throw await readRefusal(response, order);
  return readUpstream(response);
}

const cancelAttempts = 3;

// Where no connection closes with the request, this is all that the worker hears of its end.
async function cancelSurely({ address, taskId }: InferenceOrder): Promise<void> {
  for (let attempt = 1; attempt <= cancelAttempts; attempt += 1) {
    if (await cancel(address, taskId)) return;
  }
}

async function cancel({ url, apiKey }: WorkerAddress, taskId: string): Promise<boolean> {
  const client = createWorkerClient({ baseUrl: url, key: () => apiKey, fetch: nodeFetch });
  const timeoutMs = timings.cancelTimeoutMs;
  return await client.call("cancelInference", { params: { request_id: taskId }, timeoutMs }).then(
    () => true,
    () => false,
  );
}

interface Asking {
  readonly agent: Agent;
  readonly order: InferenceOrder;
  readonly shared: OpenChannel | undefined;
}

async function ask(asking: Asking, freshConnections: number): Promise<IncomingMessage> {
  const { agent, order, shared } = asking;
  const { signal } = order.hop;
  signal.throwIfAborted();
  const body = Buffer.from(JSON.stringify(order.body));
  const sent = httpRequest(`${order.address.url}/v1/inference`, {
    method: "POST",
    agent,
    headers: { ...requestHeaders(order, body.length), ...shared?.headers },
  });
  let isSilent = false;
  const left = Promise.withResolvers<never>();
  const abort = () => {
    if (shared === undefined) sent.destroy();
    else endUnanswered(sent, order);
    left.reject(signal.reason as Error);
  };
  const limit = setTimeout(() => {
    isSilent = true;
    sent.destroy();
  }, timings.connectionLostMs);
  signal.addEventListener("abort", abort, { once: true });
  try {
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      sent.once("response", resolve).once("error", reject).end(body);
    });
    return await Promise.race([answered, left.promise]);
  } catch (error) {
    signal.throwIfAborted();
    // A kept connection that the worker closed meanwhile says nothing about the worker.
    const mayTryAgain = sent.reusedSocket && !isSilent && freshConnections > 0;
    const cancelling = shared === undefined ? undefined : cancelSurely(order);
    if (mayTryAgain) await cancelling;
    if (mayTryAgain) return await ask({ ...asking, shared: undefined }, freshConnections - 1);
    throw new WorkerSilence(isSilent ? "silent" : "refused", { cause: error });
  } finally {
    clearTimeout(limit);
    signal.removeEventListener("abort", abort);
    // A late reset of a request that nobody waits for any more is no news.
    sent.on("error", () => {});
  }
}

// A cancellation that overtakes its request finds nothing to end; it is said again once the worker
// has agreed.
function endUnanswered(sent: ClientRequest, order: InferenceOrder): void {
  void cancelSurely(order);
  const limit = setTimeout(() => sent.destroy(), timings.connectionLostMs);
  limit.unref();
  sent.once("close", () => clearTimeout(limit));
  sent.once("response", (response) => {
    response.on("error", () => {}).destroy();
    void cancelSurely(order);
  });
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
