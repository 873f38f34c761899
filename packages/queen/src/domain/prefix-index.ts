import type { PromptPrefix } from "./prompt-prefix.ts";

export interface PrefixLimits {
  /** Blocks that are remembered of one worker; those of prompts long ago are forgotten. */
  readonly blocksPerWorker: number;
  /** Of all workers together: beyond that, whoever was given nothing for the longest is forgotten. */
  readonly blocksMax: number;
}

export type PrefixIndex<Worker> = ReturnType<typeof createPrefixIndex<Worker>>;

/**
 * Which worker has seen the beginning of which prompt. A look-up costs one step per block and
 * nothing per worker; memory is bounded for each worker and for all together.
 */
export function createPrefixIndex<Worker>(limits: PrefixLimits) {
  const workersOf = new Map<number, Set<Worker>>();
  // Both in the order of their last use: the first entry is the oldest.
  const blocksOf = new Map<Worker, Set<number>>();
  // What its slots hold, as far as one can say from here.
  const promptsOf = new Map<Worker, (readonly number[])[]>();
  let count = 0;

  const drop = (worker: Worker, blocks: Set<number>, hash: number) => {
    if (!blocks.delete(hash)) return;
    count -= 1;
    const workers = workersOf.get(hash);
    workers?.delete(worker);
    if (workers?.size === 0) workersOf.delete(hash);
  };
  const forget = (worker: Worker) => {
    const blocks = blocksOf.get(worker);
    if (blocks === undefined) return;
    for (const hash of blocks) drop(worker, blocks, hash);
    blocksOf.delete(worker);
    promptsOf.delete(worker);
  };
  const add = (worker: Worker, blocks: Set<number>, hash: number) => {
    if (!blocks.delete(hash)) {
      count += 1;
      const workers = workersOf.get(hash);
      if (workers === undefined) workersOf.set(hash, new Set([worker]));
      else workers.add(worker);
    }
    blocks.add(hash);
  };
  return {
    /**
     * The worker gets this prompt. A slot holds one: it takes the place of the one that it shares
     * most with, else of the one before all others, which nobody will find there any more.
     */
    note(worker: Worker, { hashes }: PromptPrefix, slots = Number.POSITIVE_INFINITY): void {
      if (hashes.length === 0) return;
      const blocks = blocksOf.get(worker) ?? new Set();
      blocksOf.delete(worker);
      blocksOf.set(worker, blocks);
      const prompts = promptsOf.get(worker) ?? [];
      promptsOf.set(worker, prompts);
      for (const hash of replacePrompt(prompts, hashes, slots)) drop(worker, blocks, hash);
      // The end first: what many prompts share, their beginning, is forgotten last.
      for (const hash of hashes.slice(0, limits.blocksPerWorker).toReversed()) {
        add(worker, blocks, hash);
      }
      for (const hash of blocks) {
        if (blocks.size <= limits.blocksPerWorker) break;
        drop(worker, blocks, hash);
      }
      for (const oldest of blocksOf.keys()) {
        if (count <= limits.blocksMax || oldest === worker) break;
        forget(oldest);
      }
    },
    forget,
    /** Blocks that are remembered, of all workers together. */
    size: () => count,
    /** Who saw how many blocks of a prompt, the longest match first; each of its matches counts. */
    *matches({ hashes }: PromptPrefix): Generator<{ worker: Worker; blocks: number }, void, void> {
      for (let blocks = hashes.length; blocks > 0; blocks -= 1) {
        const workers = workersOf.get(hashes[blocks - 1] ?? -1);
        for (const worker of workers ?? []) yield { worker, blocks };
      }
    },
  };
}

// What no prompt has any more.
function replacePrompt(
  prompts: (readonly number[])[],
  hashes: readonly number[],
  slots: number,
): readonly number[] {
  let best = -1;
  let mostShared = 0;
  for (const [index, prompt] of prompts.entries()) {
    let shared = 0;
    while (shared < hashes.length && prompt[shared] === hashes[shared]) shared += 1;
    if (shared > mostShared) [best, mostShared] = [index, shared];
  }
  const isRoom = best < 0 && prompts.length < slots;
  const replaced = isRoom ? [] : (prompts.splice(Math.max(0, best), 1)[0] ?? []);
  prompts.push(hashes);
  return replaced.filter((hash, index) => !prompts.some((prompt) => prompt[index] === hash));
}
