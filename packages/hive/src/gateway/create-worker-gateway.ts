import { errorFromWire, RbeeError } from "@rbee/contract";
import type { ErrorEvent, ProgressEvent } from "@rbee/contract";
import { createWorkerClient } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import type { WorkerAddress, WorkerGateway } from "../ports.ts";

const program = "llm-worker-rbee";

export function createWorkerGateway(): WorkerGateway {
  const client = ({ url, key }: WorkerAddress) =>
    createWorkerClient({ baseUrl: url, key: () => key, fetch: nodeFetch });
  return {
    async checkHealth(address, timeoutMs) {
      // The limit of `call` ends with the head of the answer; a worker may also stop in its body.
      const signal = AbortSignal.timeout(timeoutMs);
      const health = await client(address).call("health", { timeoutMs, signal });
      if (health.status === "healthy") return health.memory_bytes;
      const found = `it says ${health.status} (${health.state})`;
      throw new RbeeError("INVALID_RESPONSE", { from: program, expected: "health", found });
    },
    async *watchLoading(address, signal) {
      const events = await client(address).stream("loadingProgress", { signal });
      // The route's own schema names progress alone; any stream may end with an error instead.
      for await (const event of events as AsyncIterable<ProgressEvent | ErrorEvent>) {
        if (event.type === "error") yield { type: "error", error: readError(event) };
        else yield event;
      }
    },
    async readMetrics({ url, key }, timeoutMs) {
      const signal = AbortSignal.timeout(timeoutMs);
      const headers = { authorization: `Bearer ${key}` };
      const response = await nodeFetch(`${url}/metrics`, { headers, signal });
      if (response.ok) return await response.text();
      await response.body?.cancel();
      const found = `status ${response.status}`;
      throw new RbeeError("INVALID_RESPONSE", { from: program, expected: "metrics", found });
    },
    async shutdown(address, { drainMs, acknowledgeMs }) {
      await client(address).call("shutdown", {
        body: { graceful: true, timeout_seconds: drainMs / 1000 },
        timeoutMs: acknowledgeMs,
      });
    },
  };
}

function readError(event: ErrorEvent): RbeeError {
  const found = `error ${event.error.code}`;
  return (
    errorFromWire(event.error) ??
    new RbeeError("INVALID_RESPONSE", { from: program, expected: "a known error", found })
  );
}
