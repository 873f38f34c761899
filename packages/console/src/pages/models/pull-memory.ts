import { z } from "zod";

/** A download that was begun here and has not ended yet, as far as this browser knows. */
export const BegunPull = z.object({ model: z.string(), node: z.string() });
export type BegunPull = z.infer<typeof BegunPull>;

export interface PullMemory {
  readonly list: () => readonly BegunPull[];
  readonly remember: (pull: BegunPull) => void;
  readonly forget: (pull: BegunPull) => void;
}

const storageKey = "rbee.pulls";
const kept = 20;

/** Remembers what was begun, so that it can go on after the page was left. */
export function createPullMemory(storage: Pick<Storage, "getItem" | "setItem">): PullMemory {
  const list = (): readonly BegunPull[] => {
    try {
      return z.array(BegunPull).parse(JSON.parse(storage.getItem(storageKey) ?? "[]"));
    } catch {
      // Somebody else wrote there; it is overwritten with the next one.
      return [];
    }
  };
  const others = (pull: BegunPull) =>
    list().filter(({ model, node }) => model !== pull.model || node !== pull.node);
  const save = (pulls: readonly BegunPull[]) =>
    storage.setItem(storageKey, JSON.stringify(pulls.slice(0, kept)));
  return {
    list,
    remember: (pull) => save([pull, ...others(pull)]),
    forget: (pull) => save(others(pull)),
  };
}
