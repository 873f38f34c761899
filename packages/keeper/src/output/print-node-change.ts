import type { NodeChangedEvent } from "@rbee/contract";
import type { Keeper } from "../keeper.ts";
import { printResult } from "./print.ts";
import { safeText } from "./safe-text.ts";

/** Prints the sentence that says what is true of a node now. */
export async function printNodeChange(keeper: Keeper, change: NodeChangedEvent): Promise<void> {
  const { message, node_name } = change;
  await printResult(keeper, { success: true, message, node_name }, () => [safeText(message)]);
}
