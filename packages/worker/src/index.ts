export * from "./create-worker.ts";
export type { WorkerOptions } from "./create-worker-parts.ts";
