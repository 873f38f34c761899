import { RbeeError } from "@rbee/contract";
import { createWorkerClient, TransportError } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import { WorkerSilence } from "../ports.ts";
import type { ComputationOrder, ComputationResult } from "../ports.ts";

/**
 * Asks a worker for one JSON answer. Throws what the worker refused with, `WorkerSilence` when
 * nothing listens there, or a `TransportError` when the connection broke meanwhile.
 */
export async function computeOnWorker(order: ComputationOrder): Promise<ComputationResult> {
  const { url, apiKey } = order.address;
  const client = createWorkerClient({ baseUrl: url, key: () => apiKey, fetch: nodeFetch });
  try {
    return await ask(client, order);
  } catch (error) {
    order.hop.signal.throwIfAborted();
    if (error instanceof TransportError && error.failure === "refused") {
      throw new WorkerSilence("refused", { cause: error });
    }
    if (RbeeError.is(error, "INVALID_API_KEY") || RbeeError.is(error, "MISSING_API_KEY")) {
      const { host } = new URL(url);
      throw new RbeeError("INVALID_API_KEY", { program: error.details.program, host });
    }
    throw error;
  }
}

type WorkerClient = ReturnType<typeof createWorkerClient>;

async function ask(
  client: WorkerClient,
  { computation, hop }: ComputationOrder,
): Promise<ComputationResult> {
  const { correlationId, traceparent, deadline, signal } = hop;
  const call = { correlationId, traceparent, deadline, signal };
  return computation.operation === "embed"
    ? await client.call("embed", { ...call, body: computation.body })
    : await client.call("rerank", { ...call, body: computation.body });
}
