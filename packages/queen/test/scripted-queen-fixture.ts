import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { ErrorBody, TaskEvent, TaskRequest } from "@rbee/contract";
import type { QueenClient } from "@rbee/sdk";
import { createBox } from "@rbee/testkit";
import type { Box, SettingsTree } from "@rbee/testkit";

/** A real queen in a box; its hive's workers are real, or the testkit's scripted program. */
export interface QueenInBox extends AsyncDisposable {
  readonly box: Box;
  readonly queen: QueenClient;
  /** Workers that start from now on do as these words say. */
  readonly script: (words: readonly string[]) => void;
  readonly ask: (request?: Partial<TaskRequest>, signal?: AbortSignal) => Asked;
  /** Everything that the queen's box still runs, by program. */
  readonly programs: () => string[];
}

/** A task on its way. */
export interface Asked {
  readonly events: TaskEvent[];
  /** Settles with the whole stream, or throws what was refused before it. */
  readonly ended: Promise<TaskEvent[]>;
}

const resolve = createRequire(import.meta.url).resolve;
const scriptedWorker = join(resolve("@rbee/testkit"), "../scripted-worker.ts");

interface QueenInBoxOptions {
  readonly script?: readonly string[];
  readonly settings?: SettingsTree;
}

export async function openQueen(options: QueenInBoxOptions = {}): Promise<QueenInBox> {
  const box = await createBox({ settings: options.settings ?? {} });
  const manifest = join(box.root, "worker.json");
  const script = (words: readonly string[]) => {
    const command = [process.execPath, scriptedWorker, ...words];
    writeFileSync(manifest, JSON.stringify({ name: "scripted", engine: "scripted", command }));
    box.configure({ worker: { manifest } });
  };
  if (options.script !== undefined) script(options.script);
  try {
    await box.startQueenAsOperator();
  } catch (error) {
    // Nobody else will: what it started would keep this process alive.
    await box.close();
    throw error;
  }
  const queen = box.queen();
  return {
    box,
    queen,
    script,
    ask: (request, signal) => askQueen(queen, request, signal),
    programs: () =>
      box
        .processes()
        .map(({ program = "?" }) => program)
        .toSorted(),
    [Symbol.asyncDispose]: () => box.close(),
  };
}

function askQueen(
  queen: QueenClient,
  request: Partial<TaskRequest> = {},
  signal?: AbortSignal,
): Asked {
  const events: TaskEvent[] = [];
  const read = async () => {
    const body = { prompt: "Once upon a time", max_tokens: 20, ...request };
    const stream = await queen.stream("createTask", { body, signal });
    for await (const event of stream) events.push(event);
    return events;
  };
  const ended = read();
  // A test that looks at the events first hears of the failure when it asks for the end.
  ended.catch(() => {});
  return { events, ended };
}

export function tokensOf(events: readonly TaskEvent[]): string[] {
  return events.flatMap((event) => (event.type === "token" ? [event.token] : []));
}

/** What the queen told, in order. */
export function actionsOf(events: readonly TaskEvent[]): string[] {
  return events.flatMap((event) => (event.type === "narration" ? [event.action] : []));
}

/** The error that a stream ended with. */
export function errorOf(events: readonly TaskEvent[]): ErrorBody {
  const last = events.at(-1);
  if (last?.type === "error") return last.error;
  throw new Error(`the stream ended with ${JSON.stringify(last)}`);
}
