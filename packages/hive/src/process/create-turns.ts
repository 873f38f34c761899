export type TakeTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Runs one piece of work after the other, in the order they came; a failure stops nobody else. */
export function createTurns(): TakeTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
}
