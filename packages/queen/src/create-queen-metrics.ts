import { createMetrics } from "@rbee/daemon";
import type { Metrics } from "@rbee/daemon";
import { createKeyMetrics } from "./create-key-metrics.ts";
import type { KeyFigures } from "./create-key-metrics.ts";
import { createNodeMetrics } from "./create-node-metrics.ts";
import type { NodeMetrics, NodeSources } from "./create-node-metrics.ts";
import { createTaskMetrics } from "./create-task-metrics.ts";
import type { TaskFigures, TaskMetrics } from "./create-task-metrics.ts";

export interface QueenMetrics extends TaskMetrics, NodeMetrics {
  readonly metrics: Metrics;
}

export interface MetricsSources extends NodeSources {
  readonly version: string;
  readonly listRunning: () => readonly TaskFigures[];
  readonly listKeys: () => readonly KeyFigures[];
}

/** Everything that a queen counts; docs/metrics.md is made from it. */
export function createQueenMetrics(sources: MetricsSources): QueenMetrics {
  const metrics = createMetrics("queen-rbee", { version: sources.version });
  createKeyMetrics(metrics.registry, sources.listKeys);
  return {
    metrics,
    ...createTaskMetrics(metrics.registry, sources.listRunning),
    ...createNodeMetrics(metrics.registry, sources),
  };
}
