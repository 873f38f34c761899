import type { App } from "@rbee/daemon";
import { createWorkerApp } from "./create-worker-app.ts";
import { createWorkerLife } from "./create-worker-life.ts";
import type { WorkerLife } from "./create-worker-life.ts";
import { createWorkerParts } from "./create-worker-parts.ts";
import type { WorkerOptions } from "./create-worker-parts.ts";

export interface Worker extends WorkerLife {
  readonly app: App;
}

/** Puts a worker together; nothing runs until it is told to. */
export function createWorker(options: WorkerOptions): Worker {
  const parts = createWorkerParts(options);
  return { app: createWorkerApp(parts), ...createWorkerLife(parts) };
}
