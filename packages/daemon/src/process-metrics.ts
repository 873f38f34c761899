import { readdirSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";

/**
 * What the process itself uses, under the names that every Prometheus dashboard knows. All of it is
 * read during a scrape: no timer samples the event loop, because that alone would wake an idle
 * program a hundred times a second.
 */
export function addProcessMetrics(registry: Registry): void {
  const gauge = (name: string, help: string, read: () => number) =>
    void new Gauge({ name, help, registers: [registry], collect: setTo(read) });
  const startedAt = Date.now() / 1000 - process.uptime();
  gauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss());
  gauge("process_start_time_seconds", "Start of the process, Unix time.", () => startedAt);
  gauge("nodejs_heap_size_used_bytes", "Heap of JavaScript that is in use.", readHeapBytes);
  void new Gauge({
    name: "process_open_fds",
    help: "Open file descriptors; on Linux only.",
    registers: [registry],
    collect() {
      if (process.platform === "linux") this.set(countDescriptors());
      else this.remove();
    },
  });
  addTotal(registry, {
    name: "process_cpu_seconds_total",
    help: "CPU time used, user and system.",
    read() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  });
  addTotal(registry, {
    name: "nodejs_eventloop_active_seconds_total",
    help: "Time in which the event loop was busy; its rate is the share of one core.",
    read: () => performance.eventLoopUtilization().active / 1000,
  });
  void new Gauge({
    name: "nodejs_eventloop_lag_seconds",
    help: "How long this scrape waited for its turn in the event loop.",
    registers: [registry],
    async collect() {
      const askedAt = performance.now();
      await setImmediate();
      this.set((performance.now() - askedAt) / 1000);
    },
  });
}

interface Total {
  readonly name: string;
  readonly help: string;
  /** Never falls while the process lives. */
  readonly read: () => number;
}

// A counter of which the world keeps the count.
function addTotal(registry: Registry, { name, help, read }: Total): void {
  void new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

function setTo(read: () => number) {
  return function collect(this: Gauge): void {
    this.set(read());
  };
}

function readHeapBytes(): number {
  return process.memoryUsage().heapUsed;
}

function countDescriptors(): number {
  // One of them reads the folder.
  return readdirSync("/proc/self/fd").length - 1;
}
