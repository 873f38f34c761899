// The commands as data, for the generated documentation. The program itself is main.ts.
export { groupSummaries, loadAllCommands } from "./command-table.ts";
export type { Command } from "./define-command.ts";
export { flagName } from "./flags.ts";
export type { Flag } from "./flags.ts";
export { globalFlags } from "./global-flags.ts";
