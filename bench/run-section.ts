import { createBox } from "@rbee/testkit";
import type { Row, Section } from "./section.ts";

interface RunInput {
  readonly rounds: number;
  readonly tell: (line: string) => void;
  /** Aborts when the person wants no more: what runs is ended and the reason thrown. */
  readonly interrupt: AbortSignal;
}

/** Runs a section within its limit and ends all that it started; a failure becomes a row. */
export async function runSection(section: Section, input: RunInput): Promise<readonly Row[]> {
  const ends: (() => Promise<void> | void)[] = [];
  const clock = new AbortController();
  const over = Promise.withResolvers<never>();
  const giveUp = (error: Error) => {
    clock.abort(error);
    over.reject(error);
  };
  const limit = setTimeout(
    () => giveUp(new Error(`it took longer than ${section.limitMs / 1000} s`)),
    section.limitMs,
  );
  const interrupt = () => giveUp(input.interrupt.reason as Error);
  input.interrupt.addEventListener("abort", interrupt, { once: true });
  try {
    const { rounds, tell } = input;
    const running = section.run({
      rounds,
      tell,
      signal: clock.signal,
      onEnd: (end) => void ends.push(end),
      async openBox(options) {
        // A section may take longer than any test.
        const box = await createBox({ daemonLimitMs: section.limitMs, ...options });
        ends.push(box.close);
        return box;
      },
    });
    return await Promise.race([running, over.promise]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    input.tell(error instanceof Error ? (error.stack ?? reason) : reason);
    const [firstLine = reason] = reason.split("\n");
    return [{ name: "could not be measured", measured: firstLine, isMet: false }];
  } finally {
    clearTimeout(limit);
    input.interrupt.removeEventListener("abort", interrupt);
    await endAll(ends, input.tell);
  }
}

async function endAll(
  ends: readonly (() => Promise<void> | void)[],
  tell: (line: string) => void,
): Promise<void> {
  for (const end of ends.toReversed()) {
    try {
      await end();
    } catch (error) {
      tell(`while cleaning up: ${String(error)}`);
    }
  }
}
