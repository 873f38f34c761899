import { workerStates } from "@rbee/contract";
import { createMetrics } from "@rbee/daemon";
import type { Metrics } from "@rbee/daemon";
import { Counter, Gauge } from "prom-client";
import type { WorkerRecord } from "./domain/worker-record.ts";
import type { PoolCounters } from "./process/pool-world.ts";

/** The metrics of a hive; figures of workers are read when somebody asks. */
export function createHiveMetrics(listWorkers: () => readonly WorkerRecord[]): {
  readonly metrics: Metrics;
  readonly counters: PoolCounters;
} {
  const metrics = createMetrics("rbee-hive");
  const registers = [metrics.registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const spawns = new Counter({
    name: "rbee_hive_spawns_total",
    help: "Workers that were started, by result.",
    labelNames: ["result"],
    registers,
  });
  const crashes = counter("rbee_hive_worker_crashes_total", "Workers that ended by themselves.");
  const restarts = counter("rbee_hive_worker_restarts_total", "Crashed workers started again.");
  const idleStops = counter("rbee_hive_idle_stops_total", "Workers stopped for idleness.");
  createWorkerGauges(listWorkers, metrics);
  return {
    metrics,
    counters: {
      spawned: (result) => spawns.inc({ result }),
      crashed: () => crashes.inc(),
      restarted: () => restarts.inc(),
      idleStopped: () => idleStops.inc(),
    },
  };
}

function createWorkerGauges(listWorkers: () => readonly WorkerRecord[], metrics: Metrics): void {
  const registers = [metrics.registry];
  void new Gauge({
    name: "rbee_hive_workers",
    help: "Workers of this node, by state.",
    labelNames: ["state"],
    registers,
    collect() {
      for (const state of workerStates) {
        this.set({ state }, listWorkers().filter((worker) => worker.state === state).length);
      }
    },
  });
  void new Gauge({
    name: "rbee_hive_worker_memory_bytes",
    help: "Memory that the workers of this node hold.",
    registers,
    collect() {
      this.set(listWorkers().reduce((sum, worker) => sum + worker.memoryBytes, 0));
    },
  });
}
