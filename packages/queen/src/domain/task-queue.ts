import { queueTurns, taskPriorities } from "@rbee/contract";
import type { TaskPriority } from "@rbee/contract";
import { createHeap } from "./heap.ts";
import type { Heap } from "./heap.ts";
import { orderTurns } from "./order-turns.ts";
import { dueRound, enterRound, isOpenAccount, payTurn } from "./turn-account.ts";
import type { TurnAccount } from "./turn-account.ts";
import { createWaitingLine } from "./waiting-line.ts";
import type { LineEntry, WaitingLine } from "./waiting-line.ts";

export interface WaitingTask {
  readonly taskId: string;
  /** Who asked: sources get equal shares, so that one cannot keep the others waiting. */
  readonly source: string;
  readonly priority: TaskPriority;
  /** Equal for tasks that the same workers serve: where one finds none, no other does. */
  readonly wish: string;
  /** What it will take, in tokens, as far as one can say before. */
  readonly cost: number;
  /** Since when it waits, by any clock that only goes forward. */
  readonly sinceMs: number;
}

/** Whose account a task is on. */
export type Payer = Pick<WaitingTask, "source" | "priority">;

interface PriorityClass {
  readonly account: TurnAccount;
  readonly sources: Map<string, Source>;
  /** By wish: the lane whose turn it is among those with that wish. */
  readonly heaps: Map<string, Heap<Lane>>;
  round: number;
  turns: number;
  length: number;
  /** With more sources than this it is looked which may be forgotten. */
  sweepAt: number;
}

interface Source {
  readonly account: TurnAccount;
  readonly lanes: Map<string, Lane>;
  length: number;
  /** Tasks that had their turn and are not charged for yet. */
  running: number;
}

interface Lane {
  readonly source: Source;
  readonly line: WaitingLine;
  due: number;
  heapIndex: number;
}

interface Place {
  readonly entry: LineEntry;
  readonly lane: Lane;
}

export type TaskQueue = ReturnType<typeof createTaskQueue>;

// The first has its turn first within a round.
const ranked = taskPriorities.toReversed();

/**
 * The tasks that wait for one model. Classes of priority share by weight, sources within a class
 * share alike, both by deficit round robin over tokens; the tasks of one source stay in the order
 * in which they came. Everything but `order` takes logarithmic time, see ADR 0020.
 */
export function createTaskQueue() {
  const classes = new Map(ranked.map((priority, rank) => [priority, createClass(priority, rank)]));
  const places = new Map<string, Place>();
  let round = 1;
  let running = 0;
  const classOf = ({ priority }: Payer) => classes.get(priority) as PriorityClass;
  const insert = (task: WaitingTask, isBack: boolean) => {
    const group = classOf(task);
    if (group.length === 0) enterRound(group.account, round);
    places.set(task.taskId, insertTask(group, task, isBack));
  };
  const remove = (taskId: string): WaitingTask | undefined => {
    const place = places.get(taskId);
    if (place === undefined) return undefined;
    places.delete(taskId);
    removeTask(classOf(place.entry.task), place);
    return place.entry.task;
  };
  return {
    length: () => places.size,
    /** Nobody waits, and nobody who had a turn may still owe something. */
    isIdle: () => places.size === 0 && running === 0,
    add: (task: WaitingTask): void => insert(task, false),
    /** Back to its old place, for a task whose turn came to nothing. */
    putBack: (task: WaitingTask): void => insert(task, true),
    /** The task whose turn it is, of those whose wish is none of these. */
    next: (blocked: ReadonlySet<string>): WaitingTask | undefined =>
      nextTask([...classes.values()], blocked),
    /** Takes a task out because it gets its turn, for which its source pays. */
    take(taskId: string): WaitingTask | undefined {
      const place = places.get(taskId);
      if (place === undefined) return undefined;
      const { task } = place.entry;
      const group = classOf(task);
      const { source } = place.lane;
      round = Math.max(round, payTurn(group.account, task.cost, round));
      group.round = Math.max(group.round, payTurn(source.account, task.cost, group.round));
      source.running += 1;
      running += 1;
      return remove(taskId);
    },
    /** Takes a task out because nobody waits for it any more; it costs its source nothing. */
    remove,
    /** Once for each task that was taken: it is over, and took so many tokens more than it said. */
    charge(payer: Payer, difference: number): void {
      running -= 1;
      const group = classOf(payer);
      group.account.deficit -= difference;
      chargeSource(group, payer.source, difference);
    },
    /** The tasks in the order in which they will get their turn, as far as one can say. */
    order: (): Generator<WaitingTask, void, void> => orderTurns(linesOf(classes.values()), round),
  };
}

function createClass(priority: TaskPriority, rank: number): PriorityClass {
  const quantum = queueTurns.shares[priority] * queueTurns.quantumTokens;
  const account = { deficit: 0, round: 0, turn: rank, quantum };
  const empty = { sources: new Map(), heaps: new Map(), turns: 0, length: 0 };
  return { account, round: 1, sweepAt: sourcesSweptMin, ...empty };
}

function insertTask(group: PriorityClass, task: WaitingTask, isBack: boolean): Place {
  const source = group.sources.get(task.source) ?? openSource(group, task.source);
  if (source.length === 0) enterRound(source.account, group.round);
  const lane = source.lanes.get(task.wish) ?? openLane(group, source, task.wish);
  const entry = isBack ? lane.line.putBack(task) : lane.line.append(task);
  group.length += 1;
  source.length += 1;
  settleLanes(group, source);
  return { entry, lane };
}

function openSource(group: PriorityClass, name: string): Source {
  group.turns += 1;
  const { quantumTokens: quantum } = queueTurns;
  const account = { deficit: 0, round: group.round - 1, turn: group.turns, quantum };
  const source: Source = { account, lanes: new Map(), length: 0, running: 0 };
  group.sources.set(name, source);
  return source;
}

function openLane(group: PriorityClass, source: Source, wish: string): Lane {
  const lane: Lane = { source, line: createWaitingLine(), due: 0, heapIndex: -1 };
  source.lanes.set(wish, lane);
  if (!group.heaps.has(wish)) group.heaps.set(wish, createHeap(isLaneBefore));
  return lane;
}

function removeTask(group: PriorityClass, { entry, lane }: Place): void {
  const { source, wish } = { source: lane.source, wish: entry.task.wish };
  lane.line.remove(entry);
  group.length -= 1;
  source.length -= 1;
  if (lane.line.first() === undefined) {
    const heap = group.heaps.get(wish);
    heap?.remove(lane);
    if (heap?.first() === undefined) group.heaps.delete(wish);
    source.lanes.delete(wish);
  }
  settleLanes(group, source);
  forgetSource(group, entry.task.source);
}

// What a source has, and with it the turn of all that it waits for, has changed.
function settleLanes(group: PriorityClass, source: Source): void {
  for (const [wish, lane] of source.lanes) {
    const first = lane.line.first();
    if (first === undefined) continue;
    lane.due = dueRound(source.account, first.cost);
    group.heaps.get(wish)?.settle(lane);
  }
}

function isLaneBefore(left: Lane, right: Lane): boolean {
  return left.due < right.due || (left.due === right.due && turnOf(left) < turnOf(right));
}

const turnOf = ({ source }: Lane) => source.account.turn;

function chargeSource(group: PriorityClass, name: string, difference: number): void {
  const source = group.sources.get(name);
  if (source === undefined) return;
  source.account.deficit -= difference;
  source.running -= 1;
  settleLanes(group, source);
  forgetSource(group, name);
}

const sourcesSweptMin = 64;

// Who has nothing waiting and owes something is remembered for as long as that lasts.
function forgetSource(group: PriorityClass, name: string): void {
  const { sources, round } = group;
  const isOver = ({ length, running, account }: Source) =>
    length === 0 && running === 0 && !isOpenAccount(account, round);
  const source = sources.get(name);
  if (source !== undefined && isOver(source)) sources.delete(name);
  if (sources.size <= group.sweepAt) return;
  for (const [one, other] of sources) if (isOver(other)) sources.delete(one);
  group.sweepAt = Math.max(sourcesSweptMin, 2 * sources.size);
}

interface Candidate {
  readonly task: WaitingTask;
  readonly lane: Lane;
  readonly due: number;
}

function nextTask(
  groups: readonly PriorityClass[],
  blocked: ReadonlySet<string>,
): WaitingTask | undefined {
  let best: Candidate | undefined;
  for (const group of groups) {
    let own: Candidate | undefined;
    for (const [wish, heap] of group.heaps) {
      const lane = blocked.has(wish) ? undefined : heap.first();
      const task = lane?.line.first();
      if (lane === undefined || task === undefined) continue;
      if (own !== undefined && isLaneBefore(own.lane, lane)) continue;
      own = { task, lane, due: dueRound(group.account, task.cost) };
    }
    if (own !== undefined && (best === undefined || own.due < best.due)) best = own;
  }
  return best?.task;
}

function linesOf(groups: Iterable<PriorityClass>) {
  return [...groups].map(({ account, round, sources }) => ({
    account,
    round,
    lines: [...sources.values()].map((source) => ({
      account: source.account,
      tasks: [...source.lanes.values()]
        .flatMap(({ line }) => [...line])
        .toSorted((left, right) => left.sinceMs - right.sinceMs),
    })),
  }));
}
