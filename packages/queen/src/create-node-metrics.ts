import { sizes, workerStates } from "@rbee/contract";
import type { DevicesOnWire } from "@rbee/contract";
import { createBoundedLabel } from "@rbee/daemon";
import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { ViewNode, ViewWorker } from "./domain/worker-view.ts";

export interface NodeSources {
  readonly listNodes: () => readonly ViewNode[];
  readonly listWorkers: () => readonly ViewWorker[];
  /** From 0 to 1, see domain/worker-weight.ts. */
  readonly weightOf: (worker: ViewWorker) => number;
  /** Reads the memory of nodes anew where what is known is old; bounded, never rejects. */
  readonly refresh: () => Promise<void>;
}

export interface NodeMetrics {
  /** A worker ended, as its hive told it. */
  readonly workerEnded: (node: string, reason: string) => void;
  /** A worker was stopped to make room for another model. */
  readonly evicted: (node: string) => void;
}

/** All machines as the queen sees them, so that one scrape shows everything. */
export function createNodeMetrics(registry: Registry, sources: NodeSources): NodeMetrics {
  addStatusGauges(registry, sources);
  addMemoryGauges(registry, sources);
  addWorkerGauges(registry, sources);
  const registers = [registry];
  const { listNodes } = sources;
  const ends = new Counter({
    name: "rbee_queen_worker_ends_total",
    help: "Workers that ended, by node and reason (stopped, idle, crashed, unresponsive, failed).",
    labelNames: ["node", "reason"],
    registers,
    // There before the first crash: what appears with its first count has no rate.
    collect() {
      for (const { name: node } of listNodes()) this.inc({ node, reason: "crashed" }, 0);
    },
  });
  const evictions = new Counter({
    name: "rbee_queen_evictions_total",
    help: "Workers that were stopped to make room for another model, by node.",
    labelNames: ["node"],
    registers,
    collect() {
      for (const { name: node } of listNodes()) this.inc({ node }, 0);
    },
  });
  return {
    workerEnded: (node, reason) => ends.inc({ node, reason }),
    evicted: (node) => evictions.inc({ node }),
  };
}

const statuses = ["reachable", "unreachable", "unknown"] as const;

function addStatusGauges(registry: Registry, { listNodes }: NodeSources): void {
  const registers = [registry];
  const count = (status: string) => listNodes().filter((node) => node.status === status).length;
  void new Gauge({
    name: "rbee_queen_nodes",
    help: "Registered nodes, by whether their hive is heard.",
    labelNames: ["status"],
    registers,
    collect() {
      for (const status of statuses) this.set({ status }, count(status));
    },
  });
  void new Gauge({
    name: "rbee_queen_hives_reachable",
    help: "Hives that are heard.",
    registers,
    collect() {
      this.set(count("reachable"));
    },
  });
  void new Gauge({
    name: "rbee_queen_node_up",
    help: "1 while the hive of a node is heard; 0 when it is not, though the machine should answer.",
    labelNames: ["node"],
    registers,
    collect() {
      this.reset();
      for (const { name, status, isHiveStopped } of listNodes()) {
        // A hive that nobody started is no failure: it is started when it is needed.
        const isMissed = status === "unreachable" && !isHiveStopped;
        if (status === "reachable" || isMissed) this.set({ node: name }, isMissed ? 0 : 1);
      }
    },
  });
}

interface NodeGauge {
  readonly name: string;
  readonly help: string;
  readonly read: (devices: DevicesOnWire) => number;
}

const memoryGauges: readonly NodeGauge[] = [
  {
    name: "rbee_queen_node_memory_size_bytes",
    help: "Memory of a node in all.",
    read: ({ ram }) => ram.total_bytes,
  },
  {
    name: "rbee_queen_node_memory_available_bytes",
    help: "Memory of a node that programs can still have.",
    read: ({ ram }) => ram.available_bytes,
  },
  {
    name: "rbee_queen_node_disk_size_bytes",
    help: "The disk on which a node keeps models.",
    read: ({ disk }) => disk.total_bytes,
  },
  {
    name: "rbee_queen_node_disk_available_bytes",
    help: "What is free on the disk on which a node keeps models.",
    read: ({ disk }) => disk.available_bytes,
  },
];

function addMemoryGauges(registry: Registry, { listNodes, refresh }: NodeSources): void {
  const registers = [registry];
  const heard = () => listNodes().filter(({ status }) => status === "reachable");
  // All figures of one scrape are of one reading.
  let reading: Promise<void> | undefined;
  const read = () => (reading ??= refresh().finally(() => (reading = undefined)));
  for (const gauge of memoryGauges) {
    void new Gauge({
      name: gauge.name,
      help: gauge.help,
      labelNames: ["node"],
      registers,
      async collect() {
        await read();
        this.reset();
        for (const { name, devices } of heard()) {
          if (devices !== null) this.set({ node: name }, gauge.read(devices));
        }
      },
    });
  }
  const gpuGauge = (
    name: string,
    help: string,
    field: "memory_total_bytes" | "memory_free_bytes",
  ) =>
    new Gauge({
      name,
      help,
      labelNames: ["node", "backend", "device"],
      registers,
      async collect() {
        await read();
        this.reset();
        for (const { name: node, devices } of heard()) {
          for (const gpu of devices?.gpus ?? []) {
            this.set({ node, backend: gpu.backend, device: gpu.index }, gpu[field]);
          }
        }
      },
    });
  gpuGauge("rbee_queen_node_gpu_memory_size_bytes", "Memory of a GPU.", "memory_total_bytes");
  gpuGauge("rbee_queen_node_gpu_memory_free_bytes", "Free memory of a GPU.", "memory_free_bytes");
}

function addWorkerGauges(registry: Registry, sources: NodeSources): void {
  const { listNodes, listWorkers, weightOf } = sources;
  const registers = [registry];
  const boundedModel = createBoundedLabel(sizes.metricsModelsMax);
  void new Gauge({
    name: "rbee_queen_workers",
    help: "Workers, by node and state.",
    labelNames: ["node", "state"],
    registers,
    collect() {
      this.reset();
      for (const { name: node, status } of listNodes()) {
        if (status !== "reachable") continue;
        for (const state of workerStates) this.set({ node, state }, 0);
      }
      for (const { node, state } of listWorkers()) this.inc({ node, state });
    },
  });
  const workerGauge = (name: string, help: string, read: (worker: ViewWorker) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ["node", "model", "backend"],
      registers,
      collect() {
        this.reset();
        for (const worker of listWorkers()) {
          const { node, model, backend } = worker;
          this.inc({ node, model: boundedModel(model), backend }, read(worker));
        }
      },
    });
  workerGauge("rbee_queen_slots", "Requests that the workers can compute at once.", (worker) =>
    worker.state === "idle" || worker.state === "busy" ? worker.slotsTotal : 0,
  );
  workerGauge("rbee_queen_slots_busy", "Requests that the workers compute now.", (worker) =>
    worker.state === "idle" || worker.state === "busy"
      ? worker.slotsTotal - worker.slotsAvailable
      : 0,
  );
  workerGauge(
    "rbee_queen_worker_memory_bytes",
    "Memory that workers hold.",
    ({ memoryBytes }) => memoryBytes,
  );
  void new Gauge({
    name: "rbee_queen_worker_weight_ratio",
    help: "The lowest weight of a worker with that model on that node: 1 is trusted, less after failures.",
    labelNames: ["node", "model"],
    registers,
    collect() {
      this.reset();
      // The last one that is set stays.
      const lowestLast = listWorkers().toSorted((a, b) => weightOf(b) - weightOf(a));
      for (const worker of lowestLast) {
        this.set({ node: worker.node, model: boundedModel(worker.model) }, weightOf(worker));
      }
    },
  });
}
