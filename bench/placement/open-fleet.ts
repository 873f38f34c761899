import type { DevicesOnWire } from "@rbee/contract";
import { placementLimits } from "@rbee/contract";
import { placeTask } from "../../packages/queen/src/domain/place-task.ts";
import type { PlacementRequest } from "../../packages/queen/src/domain/place-task.ts";
import { hashPromptPrefix } from "../../packages/queen/src/domain/prompt-prefix.ts";
import { createWorkerView } from "../../packages/queen/src/domain/worker-view.ts";
import type { ViewWorker, WorkerView } from "../../packages/queen/src/domain/worker-view.ts";
import { createShortMixes } from "./short-mixes.ts";

export interface Mix {
  readonly name: string;
  readonly expected: "use" | "spawn" | "evict" | "wait" | "refuse";
  /** What must be so before the decision, and is undone after it; neither is measured. */
  readonly prepare: (index: number) => () => void;
  /** Decides as for a request that has just come. */
  readonly decide: (index: number) => string;
}

export interface Fleet {
  readonly nodes: number;
  readonly workers: number;
  readonly models: number;
  readonly mixes: readonly Mix[];
}

const nodeCount = 1000;
const workersPerNode = 10;
const modelCount = 200;
const slots = 4;
const megabyte = 1_048_576;
const workerMb = 4000;
const startedAtMs = 3_600_000;

const devices: DevicesOnWire = {
  platform: "linux",
  architecture: "x64",
  cpu: { model: "cpu", cores: 8 },
  ram: { total_bytes: 64_000 * megabyte, available_bytes: 24_000 * megabyte },
  disk: { path: "/", total_bytes: 1e12, available_bytes: 5e11 },
  gpus: [],
  backends: ["cpu"],
};

/** A view of a thousand nodes with ten workers each, as their hives would have told it. */
export function openFleet(): Fleet {
  const names = Array.from({ length: nodeCount }, (_, index) => `node-${index}`);
  const fill = (change: Partial<ViewWorker>) => fillView(names, change);
  const mixes = [...createMixes(fill({})), ...createShortMixes({ names, startedAtMs }, fill)];
  const workers = nodeCount * workersPerNode;
  return { nodes: nodeCount, workers, models: modelCount, mixes };
}

function fillView(names: readonly string[], change: Partial<ViewWorker>): WorkerView {
  const view = createWorkerView(() => names);
  view.facts(startedAtMs);
  for (const [index, name] of names.entries()) {
    const workers = Array.from({ length: workersPerNode }, (_, place) => ({
      ...workerOf(name, index * workersPerNode + place),
      ...change,
    }));
    view.snapshot(name, { version: "0.1.0", devices, workers, models: [] }, "now");
  }
  return view;
}

function workerOf(node: string, number: number): ViewWorker {
  return {
    id: `w${number}`,
    node,
    url: null,
    state: "idle",
    model: `model-${number % modelCount}`,
    backend: "cpu",
    device: 0,
    slotsTotal: slots,
    slotsAvailable: slots,
    context: 8192,
    memoryBytes: workerMb * megabyte,
    lastActivity: null,
    pid: 1,
    readySinceMs: 0,
    quietSinceMs: number,
  };
}

const nothing = () => {};

function createMixes(view: WorkerView): readonly Mix[] {
  let nowMs = startedAtMs;
  // The facts belong to the decision: the queen asks for them each time.
  const decideFor = (request: PlacementRequest) => {
    nowMs += 0.01;
    return placeTask(request, view.facts(nowMs));
  };
  const warm = (index: number) => ({ model: `model-${index % modelCount}`, mayWait: true });
  const cold = { model: "cold", mayWait: true };
  return [
    {
      name: "warm",
      expected: "use",
      prepare: () => nothing,
      decide: (index) => decideFor(warm(index)).kind,
    },
    {
      name: "warm, most slots taken",
      expected: "use",
      prepare: (index) => takeSlots(view, `model-${index % modelCount}`, nowMs),
      decide: (index) => decideFor(warm(index)).kind,
    },
    createPrefixMix(view, (request) => decideFor(request).kind),
    {
      name: "cold, every node has room",
      expected: "spawn",
      prepare: () => nothing,
      decide: () => decideFor(cold).kind,
    },
  ];
}

// All workers of the model but the last hold three of four requests.
function takeSlots(view: WorkerView, model: string, nowMs: number): () => void {
  const taken: string[] = [];
  for (const worker of [...view.facts(nowMs).workersOf(model)].slice(1)) {
    for (let slot = 1; slot < slots; slot += 1) {
      const taskId = `${worker.node}/${worker.id}/${slot}`;
      view.reserve(worker, taskId, nowMs);
      taken.push(taskId);
    }
  }
  return () => {
    for (const taskId of taken) view.release(taskId);
  };
}

// Eight thousand characters that many workers saw, and a question of its own. Hashing the prompt
// belongs to the decision.
function createPrefixMix(view: WorkerView, decide: (request: PlacementRequest) => string): Mix {
  const model = "model-7";
  const { promptBlock } = placementLimits;
  const systems = Array.from({ length: 20 }, (_, number) => `You are bee ${number}. `.repeat(520));
  const workers = [...view.facts(startedAtMs).workersOf(model)];
  for (const [index, worker] of workers.entries()) {
    view.notePrefix(worker, hashPromptPrefix(systems[index % systems.length] ?? "", promptBlock));
  }
  return {
    name: "a prompt of 8,000 characters seen before, hashing included",
    expected: "use",
    prepare: () => nothing,
    decide(index) {
      const text = `${systems[index % systems.length] ?? ""} question ${index}`;
      return decide({ model, mayWait: true, prefix: hashPromptPrefix(text, promptBlock) });
    },
  };
}
