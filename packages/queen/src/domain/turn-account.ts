/**
 * What is left to somebody of his share, by deficit round robin: in every round he gets a quantum,
 * his tasks cost what they cost, and what is left over, or owed, goes into the next round. Rounds
 * in which nobody can afford anything are counted, not walked through.
 */
export interface TurnAccount {
  /** Tokens that are left, or owed when negative, as of `round`. */
  deficit: number;
  /** The last round whose quantum is in the deficit. */
  round: number;
  /** His place within a round. */
  readonly turn: number;
  readonly quantum: number;
}

/** The round in which something of this cost can be afforded. */
export function dueRound({ deficit, round, quantum }: TurnAccount, cost: number): number {
  return cost <= deficit ? round : round + Math.ceil((cost - deficit) / quantum);
}

/**
 * Pays for a turn and tells in which round it was. Whoever could not be served for many rounds,
 * because what he wants was taken, gets his turn at once but none of the rounds that he missed.
 */
export function payTurn(account: TurnAccount, cost: number, round: number): number {
  const due = dueRound(account, cost);
  account.deficit += (due - account.round) * account.quantum - cost;
  account.round = Math.max(due, round - 1);
  return due;
}

/**
 * Somebody who had nothing waiting has again: what he could have saved is gone, what he owes has
 * shrunk with the rounds that passed, and he takes part in the present one if he has not yet.
 */
export function enterRound(account: TurnAccount, round: number): void {
  account.deficit = Math.min(0, deficitIn(account, round));
  account.round = Math.max(account.round, round - 1);
}

/** False when an account that nothing waits for is as good as a new one. */
export function isOpenAccount(account: TurnAccount, round: number): boolean {
  return account.round >= round || deficitIn(account, round) < 0;
}

function deficitIn({ deficit, round: last, quantum }: TurnAccount, round: number): number {
  return deficit + Math.max(0, round - 1 - last) * quantum;
}
