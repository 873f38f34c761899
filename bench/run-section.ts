import { createBox } from "@rbee/testkit";
import type { Row, Section } from "./section.ts";

interface RunInput {
  readonly rounds: number;
  readonly tell: (line: string) => void;
}

/** Runs a section within its limit and ends all that it started; a failure becomes a row. */
export async function runSection(section: Section, input: RunInput): Promise<readonly Row[]> {
  const ends: (() => Promise<void> | void)[] = [];
  const clock = new AbortController();
  const overdue = Promise.withResolvers<never>();
  const limit = setTimeout(() => {
    const error = new Error(`it took longer than ${section.limitMs / 1000} s`);
    clock.abort(error);
    overdue.reject(error);
  }, section.limitMs);
  try {
    const running = section.run({
      ...input,
      signal: clock.signal,
      onEnd: (end) => void ends.push(end),
      async openBox(options) {
        const box = await createBox(options);
        ends.push(box.close);
        return box;
      },
    });
    return await Promise.race([running, overdue.promise]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    input.tell(error instanceof Error ? (error.stack ?? reason) : reason);
    const [firstLine = reason] = reason.split("\n");
    return [{ name: "could not be measured", measured: firstLine, isMet: false }];
  } finally {
    clearTimeout(limit);
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
