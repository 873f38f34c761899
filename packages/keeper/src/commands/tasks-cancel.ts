import { defineCommand } from "../define-command.ts";
import { textFlag } from "../flags.ts";
import { printResult } from "../output/print.ts";
import { withQueen } from "../queen-session.ts";
import { UsageError } from "../usage-error.ts";

export const tasksCancelCommand = defineCommand({
  summary: "end a request, whoever made it; its slot is free again",
  details: "A request that is over is cancelled already.",
  examples: ["rbee-keeper tasks cancel --id <task id>"],
  arguments: {},
  flags: { id: textFlag("task", "the request, as tasks list shows it") },
  run: async ({ keeper, flags: { id } }) => {
    if (id === undefined) throw new UsageError("--id <task> is missing");
    const params = { task_id: id };
    await withQueen(keeper, (queen) => queen.call("cancelTask", { params }));
    await printResult(keeper, { success: true, ...params }, () => [`Request ${id} is over.`]);
    return undefined;
  },
});
