import { placementLimits, taskPriorities } from "@rbee/contract";
import { createWorkerView } from "../../packages/queen/src/domain/worker-view.ts";
import { createRandom, zipf } from "./random.ts";
import type { Random } from "./random.ts";
import { createSimClock } from "./sim-clock.ts";
import { SimHives } from "./sim-hives.ts";
import type { SimModel, SimNode, SimWorker } from "./sim-hives.ts";
import { SimQueen } from "./sim-queen.ts";
import type { SimEnd, SimTask } from "./sim-queen.ts";

export interface DayOptions {
  readonly seed: number;
  /** The day is over when so many requests came. */
  readonly requests: number;
  readonly nodes: number;
  /*On every node but `rareNodes` a worker of a popular model stands all day. */
  readonly popularModels: number;
  readonly rareModels: number;
  readonly rareNodes: number;
  /** Keys that always have work for each popular model, and keys that come and go. */
  readonly busyKeys: number;
  readonly otherKeys: number;
  readonly failures: boolean;
}

export interface DayReport {
  readonly requests: number;
  readonly simulatedHours: number;
  readonly done: number;
  readonly failed: number;
  readonly refused: number;
  /** Of the tokens that keys got which always had work. */
  readonly jain: number;
  readonly servedByKey: ReadonlyMap<string, number>;
  /** The longest that a key with work had no turn at a model. */
  readonly longestGapMs: number;
  /** The longest wait of a request of a key that does not keep a backlog. */
  readonly longestWaitMs: number;
  readonly evictions: number;
  /** Of the workers that were stopped for others. */
  readonly shortestResidencyMs: number;
  readonly nodeFailures: number;
}

const slots = 4;
const tokensPerSecond = 10;
const tokensMax = 1000;
const otherMeanMs = 60_000;
const failureMeanMs = 6 * 3_600_000;
const repairMeanMs = 120_000;

/** Plays a day on the real queue, placement, eviction, view and weights. */
export function simulateDay(options: DayOptions): DayReport {
  const random = createRandom(options.seed);
  const clock = createSimClock();
  const nodes = createNodes(options, random);
  const names = nodes.map(({ name }) => name);
  const popular = createModels("popular", options.popularModels, random);
  const rare = createModels("rare", options.rareModels, random);
  const isPinned = (model: string) => model.startsWith("popular");
  const view = createWorkerView(() => names, { isPinned });
  const hives = new SimHives({ clock, view, nodes, slots });
  const account = createAccount(clock.nowMs);
  const queen = new SimQueen({ clock, view, hives, ...account });
  const day: Day = { options, random, popular, rare, account, clock, queen };
  openNodes(day, nodes, hives);
  for (let index = 0; index < options.busyKeys; index += 1) openBusyKey(day, index);
  for (let index = 0; index < options.otherKeys; index += 1) openOtherKey(day, index);
  while (account.figures.requests < options.requests) {
    if (!clock.step(Number.POSITIVE_INFINITY)) throw new Error("nothing happens any more");
  }
  return account.report();
}

interface Day {
  readonly options: DayOptions;
  readonly random: Random;
  readonly popular: readonly SimModel[];
  readonly rare: readonly SimModel[];
  readonly account: Account;
  readonly clock: ReturnType<typeof createSimClock>;
  readonly queen: SimQueen;
}

function createNodes({ nodes }: DayOptions, random: Random): SimNode[] {
  return Array.from({ length: nodes }, (_, index) => ({
    name: `node-${index}`,
    capacityMb: 16_000 + 8000 * random.below(2),
    workers: new Set<SimWorker>(),
    usedMb: 0,
    isUp: true,
    sickUntilMs: 0,
  }));
}

function createModels(kind: string, count: number, random: Random): SimModel[] {
  return Array.from({ length: count }, (_, index) => {
    const memoryMb = Math.round(random.between(6000, 14_000));
    return { name: `${kind}-${index}`, memoryMb, loadMs: memoryMb, tokensPerSecond };
  });
}

// The operator has popular models stand on most nodes, by how popular they are, and has them loaded
// again where a node comes back. Rare ones come and go on what is left.
function openNodes(day: Day, nodes: readonly SimNode[], hives: SimHives): void {
  const { popular, options, clock, random, queen, account } = day;
  const shares = zipf(popular.length);
  const standing = nodes.length - options.rareNodes;
  for (const [index, node] of nodes.entries()) {
    const wanted = ((index + 0.5) / standing) * (shares.at(-1) ?? 0);
    const model = index < standing ? popular[shares.findIndex((sum) => sum > wanted)] : undefined;
    const open = () => {
      hives.comeBack(node);
      if (model !== undefined) hives.onSettled(hives.spawn(node, model), () => queen.pumpAll());
    };
    open();
    if (!options.failures) continue;
    const fail = () => {
      account.figures.nodeFailures += 1;
      // Every third time the machine stays and its workers fail at once.
      const downMs = 30_000 + random.exponential(repairMeanMs);
      if (account.figures.nodeFailures % 3 === 0) node.sickUntilMs = clock.nowMs() + downMs;
      else {
        hives.fail(node);
        queen.pumpAll();
        clock.after(downMs, open);
      }
      clock.after(downMs + random.exponential(failureMeanMs), fail);
    };
    clock.after(random.exponential(failureMeanMs), fail);
  }
}

// Keeps a backlog for every popular model. Keys differ in how much they ask for at a time and in
// how long their answers are; some say they want more than they take.
function openBusyKey(day: Day, index: number): void {
  const { random, popular, queen, account } = day;
  const key = `busy-${index}`;
  const backlog = 10 + (index % 5) * 10;
  const meanTokens = 150 * 2 ** (index % 4);
  const exaggeration = index % 3 === 0 ? 1.5 : 1;
  account.watch(key);
  const ask = (model: SimModel): void => {
    const tokens = drawTokens(random, meanTokens);
    const estimatedTokens = tokens * exaggeration;
    // In a moment, not at once: what it answers to is still being written.
    const onEnd = () => day.clock.after(1, () => ask(model));
    queen.admit(account.open({ key, model, tokens, estimatedTokens, priority: "normal", onEnd }));
  };
  for (const model of popular) for (let count = 0; count < backlog; count += 1) ask(model);
}

// Comes now and then, the first keys much more often than the last, and asks for any model.
function openOtherKey(day: Day, index: number): void {
  const { random, popular, rare, queen, account, clock } = day;
  const models = [...popular, ...rare];
  const cumulated = zipf(models.length);
  const meanMs = otherMeanMs * (1 + index / 4);
  const come = () => {
    const model = models[random.weighted(cumulated)] as SimModel;
    const tokens = drawTokens(random, 200);
    const priority = taskPriorities[random.below(20)] ?? "normal";
    const wish = { key: `other-${index}`, model, tokens, priority, onEnd: () => {} };
    queen.admit(account.open({ ...wish, estimatedTokens: tokens }));
    clock.after(random.exponential(meanMs), come);
  };
  clock.after(random.exponential(meanMs), come);
}

function drawTokens(random: Random, mean: number): number {
  return Math.min(tokensMax, 1 + Math.round(random.exponential(mean)));
}

type Account = ReturnType<typeof createAccount>;

// What the day comes to.
function createAccount(nowMs: () => number) {
  const watched = new Set<string>();
  const servedByKey = new Map<string, number>();
  const lastTurnMs = new Map<string, number>();
  const figures = {
    requests: 0,
    done: 0,
    failed: 0,
    refused: 0,
    evictions: 0,
    nodeFailures: 0,
    longestGapMs: 0,
    longestWaitMs: 0,
    shortestResidencyMs: Number.POSITIVE_INFINITY,
  };
  const laneOf = ({ key, model }: Pick<SimTask, "key" | "model">) => `${key} ${model.name}`;
  return {
    figures,
    watch: (key: string): void => void watched.add(key),
    open(wish: Omit<SimTask, "id" | "sinceMs">): SimTask {
      figures.requests += 1;
      const onEnd = (end: SimEnd) => {
        figures[end.outcome] += 1;
        if (watched.has(wish.key)) {
          servedByKey.set(wish.key, (servedByKey.get(wish.key) ?? 0) + end.tokens);
        }
        wish.onEnd(end);
      };
      const task = { ...wish, onEnd, id: `t${figures.requests}`, sinceMs: nowMs() };
      if (watched.has(wish.key) && !lastTurnMs.has(laneOf(task))) {
        lastTurnMs.set(laneOf(task), nowMs());
      }
      return task;
    },
    onStart(task: SimTask): void {
      const waitedMs = nowMs() - task.sinceMs;
      if (!watched.has(task.key)) {
        figures.longestWaitMs = Math.max(figures.longestWaitMs, waitedMs);
        return;
      }
      const gapMs = nowMs() - (lastTurnMs.get(laneOf(task)) ?? nowMs());
      figures.longestGapMs = Math.max(figures.longestGapMs, gapMs);
      lastTurnMs.set(laneOf(task), nowMs());
    },
    onEvict({ readySinceMs = nowMs() }: SimWorker): void {
      figures.evictions += 1;
      const residencyMs = nowMs() - readySinceMs;
      figures.shortestResidencyMs = Math.min(figures.shortestResidencyMs, residencyMs);
    },
    report(): DayReport {
      const simulatedHours = nowMs() / 3_600_000;
      const served = [...watched].map((key) => servedByKey.get(key) ?? 0);
      return { ...figures, simulatedHours, servedByKey, jain: jainIndex(served) };
    },
  };
}

/** 1 when all get the same, 1/n when one gets everything. */
function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return squares === 0 ? 0 : (sum * sum) / (values.length * squares);
}

/** No worker is stopped for others before it has stood so long, see plan-eviction.ts. */
export const residencyBoundMs = placementLimits.eviction.residencyMs / 4;
