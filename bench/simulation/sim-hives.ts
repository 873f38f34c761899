import type { DevicesOnWire } from "@rbee/contract";
import type { NodeEstimate } from "../../packages/queen/src/domain/placement-facts.ts";
import type { WorkerView } from "../../packages/queen/src/domain/worker-view.ts";
import type { SimClock } from "./sim-clock.ts";

export interface SimModel {
  readonly name: string;
  readonly memoryMb: number;
  readonly loadMs: number;
  readonly tokensPerSecond: number;
}

export interface SimNode {
  readonly name: string;
  readonly capacityMb: number;
  readonly workers: Set<SimWorker>;
  usedMb: number;
  isUp: boolean;
  /** Its workers fail at once until then. */
  sickUntilMs: number;
}

export interface SimWorker {
  readonly id: string;
  readonly node: SimNode;
  readonly model: SimModel;
  /** What ends when the worker does, by task. */
  readonly running: Map<string, () => void>;
  readySinceMs: number | undefined;
  isGone: boolean;
  onIdle: (() => void) | undefined;
}

export interface SimHivesOptions {
  readonly clock: SimClock;
  readonly view: WorkerView;
  readonly nodes: readonly SimNode[];
  readonly slots: number;
}

const megabyte = 1_048_576;

/** What the hives of all nodes do and tell: load, stop, fail, come back. */
export class SimHives {
  readonly #options: SimHivesOptions;
  readonly #byName: ReadonlyMap<string, SimNode>;
  readonly #listeners = new Map<SimWorker, (() => void)[]>();
  #made = 0;

  constructor(options: SimHivesOptions) {
    this.#options = options;
    this.#byName = new Map(options.nodes.map((node) => [node.name, node]));
  }

  node(name: string): SimNode {
    return this.#byName.get(name) as SimNode;
  }

  findWorker(node: string, id: string): SimWorker | undefined {
    return [...this.node(node).workers].find((worker) => worker.id === id);
  }

  findComingUp(node: SimNode, model: SimModel): SimWorker | undefined {
    return [...node.workers].find(
      (worker) => worker.model === model && worker.readySinceMs === undefined,
    );
  }

  fits(node: SimNode, model: SimModel): boolean {
    return node.usedMb + model.memoryMb <= node.capacityMb;
  }

  /** Hears when it is ready, or gone before. */
  onSettled(worker: SimWorker, listener: () => void): void {
    this.#listeners.get(worker)?.push(listener);
  }

  spawn(node: SimNode, model: SimModel): SimWorker {
    const { clock } = this.#options;
    this.#made += 1;
    const worker: SimWorker = {
      id: `w${this.#made}`,
      node,
      model,
      running: new Map(),
      readySinceMs: undefined,
      isGone: false,
      onIdle: undefined,
    };
    node.workers.add(worker);
    node.usedMb += model.memoryMb;
    this.#listeners.set(worker, []);
    this.#tell(worker);
    clock.after(model.loadMs, () => {
      if (worker.isGone) return;
      worker.readySinceMs = clock.nowMs();
      this.#tell(worker);
      this.#settle(worker);
    });
    return worker;
  }

  stop(worker: SimWorker): void {
    takeAway(worker);
    this.#options.view.workerGone({ node: worker.node.name, id: worker.id });
  }

  fail(node: SimNode): void {
    node.isUp = false;
    this.#options.view.lost(node.name, "no answer", false);
    const workers = Array.from(node.workers);
    for (const worker of workers) {
      takeAway(worker);
      const ends = Array.from(worker.running.values());
      for (const end of ends) end();
      this.#settle(worker);
      worker.onIdle?.();
    }
  }

  comeBack(node: SimNode): void {
    node.isUp = true;
    const devices = devicesOf(node);
    this.#options.view.snapshot(node.name, { version: "0.1.0", devices, workers: [] }, "now");
  }

  /** What every hive would say to a request for this model. */
  estimate(model: SimModel, key: string): void {
    const { nodes, view } = this.#options;
    for (const node of nodes) if (node.isUp) view.noteEstimate(node.name, key, judge(node, model));
  }

  #settle(worker: SimWorker): void {
    const listeners = this.#listeners.get(worker) ?? [];
    this.#listeners.delete(worker);
    for (const listener of listeners) listener();
  }

  #tell({ id, node, model, readySinceMs }: SimWorker): void {
    const { view, slots } = this.#options;
    const isReady = readySinceMs !== undefined;
    view.workerChanged({
      id,
      node: node.name,
      url: null,
      state: isReady ? "idle" : "loading",
      model: model.name,
      backend: "cpu",
      device: 0,
      slotsTotal: slots,
      slotsAvailable: isReady ? slots : 0,
      context: 8192,
      memoryBytes: model.memoryMb * megabyte,
      lastActivity: null,
      pid: 1,
      readySinceMs: readySinceMs ?? null,
    });
  }
}

function takeAway(worker: SimWorker): void {
  worker.isGone = true;
  worker.node.workers.delete(worker);
  worker.node.usedMb -= worker.model.memoryMb;
}

function judge({ capacityMb, usedMb }: SimNode, { memoryMb }: SimModel): NodeEstimate {
  const availableMb = capacityMb - usedMb;
  if (memoryMb <= availableMb) return { verdict: "fits" };
  const details = { required: memoryMb, available: availableMb };
  return {
    verdict: "short",
    refusal: { code: "INSUFFICIENT_RAM", details } as never,
    places: [{ pool: "ram", availableMb, shortMb: memoryMb - availableMb }],
  };
}

function devicesOf({ capacityMb, usedMb }: SimNode): DevicesOnWire {
  const total = capacityMb * megabyte;
  return {
    platform: "linux",
    architecture: "x64",
    cpu: { model: "cpu", cores: 8 },
    ram: { total_bytes: total, available_bytes: total - usedMb * megabyte },
    disk: { path: "/", total_bytes: total, available_bytes: total },
    gpus: [],
    backends: ["cpu"],
  };
}
