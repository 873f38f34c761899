import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { addProcessMetrics } from "./process-metrics.ts";

export interface Metrics {
  readonly registry: Registry;
  readonly requests: Counter<"route" | "status">;
  readonly requestSeconds: Histogram<"route">;
}

/** Who may read `/metrics`: everybody, keys of scope `operate`, or nobody. */
export type MetricsAccess = "public" | "key" | "off";

interface MetricsOptions {
  /** As `rbee_build_info` tells it. */
  readonly version?: string | undefined;
}

/**
 * The metrics that every daemon has. Labels are route names and statuses, so their number is
 * bounded. Figures of the process are read when somebody asks, so that an idle daemon does nothing.
 */
export function createMetrics(program: string, { version = "" }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ program });
  const registers = [registry];
  addProcessMetrics(registry);
  new Gauge({
    name: "rbee_build_info",
    help: "Always 1; which version runs.",
    labelNames: ["version"],
    registers,
  }).set({ version }, 1);
  return {
    registry,
    requests: new Counter({
      name: "rbee_http_requests_total",
      help: "Requests answered, by operation and status.",
      labelNames: ["route", "status"],
      registers,
    }),
    requestSeconds: new Histogram({
      name: "rbee_http_request_duration_seconds",
      help: "Time until the answer, or the head of a stream, by operation.",
      labelNames: ["route"],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
  };
}
