import { localNodeName } from "@rbee/contract";
import type { DevicesOnWire, NodeModel } from "@rbee/contract";
import { measureLoad } from "./node-load.ts";
import type { NodeLoad } from "./node-load.ts";
import type { Making, NodeFacts } from "./placement-facts.ts";
import type { ViewWorker } from "./view-worker.ts";
import type { KnownWorker } from "./worker-index.ts";

export interface ViewNode {
  readonly name: string;
  readonly status: NodeFacts["status"];
  readonly version: string | null;
  readonly devices: DevicesOnWire | null;
  readonly lastSeen: string | null;
  readonly lastError: string | null;
  /** True when the machine answers and no hive listens there: one is started when it is needed. */
  readonly isHiveStopped: boolean;
}

/** A node with all that a decision asks of it, kept up to date in place. */
export interface KnownNode extends NodeFacts {
  told: ViewNode;
  status: NodeFacts["status"];
  isDraining: boolean;
  backends: readonly string[] | null;
  memoryFreeBytes: number;
  running: number;
  models: ReadonlySet<string>;
  modelList: readonly NodeModel[];
  /** Memory that workers may share, by pool. */
  capacityBytes: ReadonlyMap<string, number>;
  readonly workers: Set<KnownWorker>;
  readonly makings: Set<Making>;
  /** To be called when a worker of it has changed. */
  readonly forgetLoad: () => void;
}

export function createKnownNode(name: string, ordinal: number): KnownNode {
  const told: ViewNode = {
    name,
    status: "unknown",
    version: null,
    devices: null,
    lastSeen: null,
    lastError: null,
    isHiveStopped: false,
  };
  const workers = new Set<KnownWorker>();
  let load: NodeLoad | undefined;
  return {
    name,
    ordinal,
    isLocal: name === localNodeName,
    told,
    status: told.status,
    isDraining: false,
    backends: null,
    memoryFreeBytes: 0,
    running: 0,
    models: new Set(),
    modelList: [],
    capacityBytes: new Map(),
    workers,
    makings: new Set(),
    // Workers change far more often than anybody asks for this.
    get load() {
      return (load ??= measureLoad(workers));
    },
    forgetLoad() {
      load = undefined;
    },
  };
}

/** The memory that a worker takes its share of: "ram", or a GPU such as "cuda:0". */
export function memoryPool(
  { backend, device }: Pick<ViewWorker, "backend" | "device">,
  devices: DevicesOnWire | null,
): string {
  if (backend === "cpu") return "ram";
  const gpu = devices?.gpus.find((one) => one.backend === backend && one.index === device);
  return gpu?.unified_memory === true ? "ram" : `${backend}:${device}`;
}

/**
 * What workers may share of each pool: what is free now and what they hold already, within the
 * limit. The hive judges exactly; this is for choosing whom to ask.
 */
export function poolCapacities(
  devices: DevicesOnWire,
  workers: Iterable<Pick<KnownWorker, "pool" | "memoryBytes">>,
): ReadonlyMap<string, number> {
  const held = heldByPool(workers);
  const { available_bytes: free, total_bytes: total, limit_bytes: limit = total } = devices.ram;
  const ram = Math.min(free + (held.get("ram") ?? 0), total, limit);
  const gpus = devices.gpus
    .filter((gpu) => !gpu.unified_memory)
    .map((gpu) => {
      const pool = `${gpu.backend}:${gpu.index}`;
      const both = gpu.memory_free_bytes + (held.get(pool) ?? 0);
      return [pool, Math.min(both, gpu.memory_total_bytes)] as const;
    });
  return new Map([["ram", ram], ...gpus]);
}

/** The most that one pool of the node has left; on a machine with GPUs theirs is what matters. */
export function freeMemoryBytes({ capacityBytes, workers }: KnownNode): number {
  const held = heldByPool(workers);
  const left = [...capacityBytes].map(
    ([pool, bytes]) => [pool, Math.max(0, bytes - (held.get(pool) ?? 0))] as const,
  );
  const gpus = left.filter(([pool]) => pool !== "ram");
  return Math.max(0, ...(gpus.length > 0 ? gpus : left).map(([, bytes]) => bytes));
}

function heldByPool(
  workers: Iterable<Pick<KnownWorker, "pool" | "memoryBytes">>,
): Map<string, number> {
  const held = new Map<string, number>();
  for (const { pool, memoryBytes } of workers) {
    held.set(pool, (held.get(pool) ?? 0) + memoryBytes);
  }
  return held;
}
