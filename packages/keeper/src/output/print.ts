import type { Keeper } from "../keeper.ts";
import { nameCommands } from "./name-commands.ts";

/** Lines of a result on stdout. */
export async function printLines(keeper: Keeper, lines: readonly string[]): Promise<void> {
  await keeper.terminal.writeOutput(lines.map((line) => `${line}\n`).join(""));
}

/** A result for programs: JSON with --json, else the lines for people. */
export async function printResult(
  keeper: Keeper,
  result: object,
  renderLines: () => readonly string[],
): Promise<void> {
  const lines = keeper.globals.json
    ? [JSON.stringify(result, undefined, 2)]
    : renderLines().map((line) => nameCommands(line, keeper.environment));
  await printLines(keeper, lines);
}
