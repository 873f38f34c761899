import { createHeap } from "./heap.ts";
import { dueRound, payTurn } from "./turn-account.ts";
import type { TurnAccount } from "./turn-account.ts";

export interface Costly {
  readonly cost: number;
}

/** What waits for one account, in the order in which it came. */
export interface TurnLine<Task extends Costly> {
  readonly account: TurnAccount;
  readonly tasks: readonly Task[];
}

/** Lines that share what their class gets. */
export interface TurnClass<Task extends Costly> {
  readonly account: TurnAccount;
  readonly round: number;
  readonly lines: readonly TurnLine<Task>[];
}

interface Runner<Task> {
  readonly account: TurnAccount;
  readonly tasks: readonly Task[];
  next: number;
  heapIndex: number;
}

/**
 * Plays all turns to the end, on copies: the order in which tasks will be served if nobody comes
 * or leaves and every one of them can be.
 */
export function* orderTurns<Task extends Costly>(
  classes: readonly TurnClass<Task>[],
  round: number,
): Generator<Task, void, void> {
  const running = classes.map((one) => ({
    account: { ...one.account },
    round: one.round,
    runners: openRunners(one.lines),
  }));
  let now = round;
  for (;;) {
    let best: { readonly one: (typeof running)[number]; readonly due: number } | undefined;
    for (const one of running) {
      const cost = costOf(one.runners.first());
      if (cost === undefined) continue;
      const due = dueRound(one.account, cost);
      // Classes are given in the order of their rank.
      if (best === undefined || due < best.due) best = { one, due };
    }
    const runner = best?.one.runners.first();
    const task = runner?.tasks[runner.next];
    if (best === undefined || runner === undefined || task === undefined) return;
    const { one } = best;
    now = Math.max(now, payTurn(one.account, task.cost, now));
    one.round = Math.max(one.round, payTurn(runner.account, task.cost, one.round));
    runner.next += 1;
    if (runner.next < runner.tasks.length) one.runners.settle(runner);
    else one.runners.remove(runner);
    yield task;
  }
}

function openRunners<Task extends Costly>(lines: readonly TurnLine<Task>[]) {
  const due = (runner: Runner<Task>) => dueRound(runner.account, costOf(runner) ?? 0);
  const heap = createHeap<Runner<Task>>((left, right) => {
    const difference = due(left) - due(right);
    return difference < 0 || (difference === 0 && left.account.turn < right.account.turn);
  });
  for (const { account, tasks } of lines) {
    if (tasks.length === 0) continue;
    heap.settle({ account: { ...account }, tasks, next: 0, heapIndex: -1 });
  }
  return heap;
}

function costOf<Task extends Costly>(runner: Runner<Task> | undefined): number | undefined {
  return runner?.tasks[runner.next]?.cost;
}
