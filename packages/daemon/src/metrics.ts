import { Counter, Gauge, Histogram, Registry } from "prom-client";

export interface Metrics {
  readonly registry: Registry;
  readonly requests: Counter<"route" | "status">;
  readonly requestSeconds: Histogram<"route">;
}

/**
 * The metrics that every daemon has. Labels are route names and statuses, so their number is
 * bounded. Figures of the process are read when somebody asks, so that an idle daemon does nothing.
 */
export function createMetrics(program: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ program });
  const registers = [registry];
  const startedAt = Date.now() / 1000 - process.uptime();
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss());
  gauge("process_start_time_seconds", "Start of the process, Unix time.", () => startedAt);
  gauge("process_cpu_seconds_total", "CPU time used, user and system.", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
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
