import { createMetrics } from "@rbee/daemon";
import type { Metrics } from "@rbee/daemon";
import { Counter, Gauge, Histogram } from "prom-client";

export interface QueenMetrics {
  readonly metrics: Metrics;
  readonly taskEnded: (outcome: "done" | "failed" | "cancelled") => void;
  readonly queued: (waitedMs: number) => void;
  readonly relayedTokens: (count: number) => void;
  readonly streamOpened: (change: 1 | -1) => void;
}

interface Sources {
  readonly queueLength: () => number;
  readonly hivesReachable: () => number;
}

export function createQueenMetrics({ queueLength, hivesReachable }: Sources): QueenMetrics {
  const metrics = createMetrics("queen-rbee");
  const registers = [metrics.registry];
  const tasks = new Counter({
    name: "rbee_queen_tasks_total",
    help: "Tasks that ended, by outcome.",
    labelNames: ["outcome"],
    registers,
  });
  const tokens = new Counter({
    name: "rbee_queen_relayed_tokens_total",
    help: "Tokens that were brought from workers to clients.",
    registers,
  });
  const streams = new Gauge({
    name: "rbee_queen_open_streams",
    help: "Token streams that are open now.",
    registers,
  });
  const wait = new Histogram({
    name: "rbee_queen_queue_wait_seconds",
    help: "Time that tasks spent in the queue.",
    buckets: [0.05, 0.2, 1, 5, 20, 60, 300],
    registers,
  });
  createGauge("rbee_queen_queue_length", "Tasks that wait for a slot.", queueLength);
  createGauge("rbee_queen_hives_reachable", "Hives that are heard.", hivesReachable);
  return {
    metrics,
    taskEnded: (outcome) => tasks.inc({ outcome }),
    queued: (waitedMs) => wait.observe(waitedMs / 1000),
    relayedTokens: (count) => tokens.inc(count),
    streamOpened: (change) => streams.inc(change),
  };

  function createGauge(name: string, help: string, read: () => number): void {
    void new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
}
