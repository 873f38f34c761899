import { Agent, request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
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
        const response = await ask({ agent, order, shared: road.shared }, 1);
        const { statusCode } = response;
        if (statusCode === 202 && road.shared !== undefined) {
          response.resume();
          const upstream = road.shared.channel.read(() => void cancel(order.address, order.taskId));
          return openOn(upstream, { clock, leave: road.leave });
        }
        if (statusCode !== 200) throw await readRefusal(response, order);
        return openOn(readUpstream(response), { clock, leave: road.leave });
      } catch (error) {
        road.leave();
        throw error;
      }
    },
    compute: computeOnWorker,
    cancel,
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

async function cancel({ url, apiKey }: WorkerAddress, taskId: string): Promise<void> {
  const client = createWorkerClient({ baseUrl: url, key: () => apiKey, fetch: nodeFetch });
  const timeoutMs = timings.cancelTimeoutMs;
  await client
    .call("cancelInference", { params: { request_id: taskId }, timeoutMs })
    .catch(() => {});
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
