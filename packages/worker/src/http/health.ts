import type { workerRoutes } from "@rbee/contract";
import type { Handler } from "@rbee/daemon";
import type { WorkerStatus } from "../ports.ts";

const unhealthyStates: ReadonlySet<string> = new Set(["error", "stopped"]);

/** Reads what is known anyway, so that it answers while the engine computes. */
export function answerHealth(status: () => WorkerStatus): Handler<typeof workerRoutes.health> {
  return () => {
    const { state, memoryBytes } = status();
    return {
      status: unhealthyStates.has(state) ? "unhealthy" : "healthy",
      state,
      memory_bytes: memoryBytes,
    };
  };
}
