import { sizes, timings, workerStates } from "@rbee/contract";
import { createBoundedLabel, createMetrics } from "@rbee/daemon";
import type { Metrics } from "@rbee/daemon";
import { Counter, Gauge, Histogram } from "prom-client";
import type { Registry } from "prom-client";
import type { NodeDevices } from "./domain/node-devices.ts";
import type { WorkerRecord } from "./domain/worker-record.ts";
import type { DownloadCounters } from "./model/meter-download.ts";
import type { PoolCounters } from "./process/pool-world.ts";

interface HiveSources {
  readonly version: string;
  readonly listWorkers: () => readonly WorkerRecord[];
  readonly readDevices: (signal: AbortSignal) => Promise<NodeDevices>;
}

export interface HiveMetrics {
  readonly metrics: Metrics;
  readonly counters: PoolCounters;
  readonly downloads: DownloadCounters;
}

/** The metrics of a hive; figures of workers and of the machine are read when somebody asks. */
export function createHiveMetrics(sources: HiveSources): HiveMetrics {
  const metrics = createMetrics("rbee-hive", { version: sources.version });
  const { registry } = metrics;
  addWorkerGauges(registry, sources.listWorkers);
  addMachineGauges(registry, sources.readDevices);
  return {
    metrics,
    counters: createPoolCounters(registry),
    downloads: createDownloadCounters(registry),
  };
}

function createPoolCounters(registry: Registry): PoolCounters {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const spawns = new Counter({
    name: "rbee_hive_spawns_total",
    help: "Workers that were started, by outcome (ready, failed).",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of ["ready", "failed"]) spawns.inc({ outcome }, 0);
  const duration = new Histogram({
    name: "rbee_hive_spawn_duration_seconds",
    help: "From the order of a worker until its model is ready, downloads included.",
    buckets: [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900],
    registers,
  });
  const crashes = counter("rbee_hive_worker_crashes_total", "Workers that ended by themselves.");
  const restarts = counter("rbee_hive_worker_restarts_total", "Crashed workers started again.");
  const circuits = counter(
    "rbee_hive_circuit_opens_total",
    "Times that a model crashed so often that starting it was paused.",
  );
  const idleStops = counter("rbee_hive_idle_stops_total", "Workers stopped for idleness.");
  return {
    spawned(outcome, seconds) {
      spawns.inc({ outcome });
      if (outcome === "ready") duration.observe(seconds);
    },
    crashed: () => crashes.inc(),
    restarted: () => restarts.inc(),
    circuitOpened: () => circuits.inc(),
    idleStopped: () => idleStops.inc(),
  };
}

function createDownloadCounters(registry: Registry): DownloadCounters {
  const registers = [registry];
  const active = new Gauge({
    name: "rbee_hive_downloads_active",
    help: "Downloads of models that run now.",
    registers,
  });
  const bytes = new Counter({
    name: "rbee_hive_download_bytes_total",
    help: "Bytes of models that were downloaded.",
    registers,
  });
  const downloads = new Counter({
    name: "rbee_hive_downloads_total",
    help: "Downloads that ended, by outcome (done, failed, cancelled).",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of ["done", "failed", "cancelled"]) downloads.inc({ outcome }, 0);
  return {
    begun: () => active.inc(),
    received: (count) => bytes.inc(count),
    ended(outcome) {
      active.dec();
      downloads.inc({ outcome });
    },
  };
}

function addWorkerGauges(registry: Registry, listWorkers: HiveSources["listWorkers"]): void {
  const registers = [registry];
  const boundedModel = createBoundedLabel(sizes.metricsModelsMax);
  const placeOf = ({ url, modelRef }: WorkerRecord) => ({
    port: url === null ? "" : new URL(url).port,
    model: boundedModel(modelRef),
  });
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
    name: "rbee_hive_worker_info",
    help: "Always 1; which worker is at which port, for its log.",
    labelNames: ["worker", "port", "model", "backend", "device"],
    registers,
    collect() {
      this.reset();
      for (const worker of listWorkers()) {
        const { id, backend, device } = worker;
        this.set({ worker: id, ...placeOf(worker), backend, device }, 1);
      }
    },
  });
  void new Gauge({
    name: "rbee_hive_worker_memory_bytes",
    help: "Memory that a worker holds.",
    labelNames: ["port", "model"],
    registers,
    collect() {
      this.reset();
      for (const worker of listWorkers()) this.inc(placeOf(worker), worker.memoryBytes);
    },
  });
}

const machineGauges: readonly {
  readonly name: string;
  readonly help: string;
  readonly read: (devices: NodeDevices) => number;
}[] = [
  {
    name: "rbee_hive_memory_size_bytes",
    help: "Memory of this machine in all.",
    read: ({ ram }) => ram.totalBytes,
  },
  {
    name: "rbee_hive_memory_available_bytes",
    help: "Memory of this machine that programs can still have.",
    read: ({ ram }) => ram.availableBytes,
  },
  {
    name: "rbee_hive_disk_size_bytes",
    help: "The disk on which models are kept.",
    read: ({ disk }) => disk.totalBytes,
  },
  {
    name: "rbee_hive_disk_available_bytes",
    help: "What is free on the disk on which models are kept.",
    read: ({ disk }) => disk.availableBytes,
  },
];

function addMachineGauges(registry: Registry, readDevices: HiveSources["readDevices"]): void {
  const registers = [registry];
  const read = createReading(readDevices);
  for (const gauge of machineGauges) {
    void new Gauge({
      name: gauge.name,
      help: gauge.help,
      registers,
      async collect() {
        const devices = await read();
        if (devices !== undefined) this.set(gauge.read(devices));
      },
    });
  }
  const gpuGauge = (name: string, help: string, field: "memoryTotalBytes" | "memoryFreeBytes") =>
    new Gauge({
      name,
      help,
      labelNames: ["backend", "device"],
      registers,
      async collect() {
        const devices = await read();
        this.reset();
        for (const gpu of devices?.gpus ?? []) {
          this.set({ backend: gpu.backend, device: gpu.index }, gpu[field]);
        }
      },
    });
  gpuGauge("rbee_hive_gpu_memory_size_bytes", "Memory of a GPU.", "memoryTotalBytes");
  gpuGauge("rbee_hive_gpu_memory_free_bytes", "Free memory of a GPU.", "memoryFreeBytes");
}

// One reading serves all figures of a scrape, and scrapes that come soon after it.
function createReading(readDevices: HiveSources["readDevices"]) {
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<NodeDevices | undefined> = Promise.resolve(undefined);
  return () => {
    if (performance.now() - readAtMs < timings.metricsFreshMs) return reading;
    readAtMs = performance.now();
    const signal = AbortSignal.timeout(timings.deviceToolTimeoutMs);
    reading = readDevices(signal).catch(() => undefined);
    return reading;
  };
}
