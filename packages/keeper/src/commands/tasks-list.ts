import { defineCommand } from "../define-command.ts";
import { printResult } from "../output/print.ts";
import { renderTasks } from "../output/render-tasks.ts";
import { withQueen } from "../queen-session.ts";

export const tasksListCommand = defineCommand({
  summary: "the requests that run and wait, and those of lately",
  examples: ["rbee-keeper tasks list", "rbee-keeper tasks list --json"],
  arguments: {},
  flags: {},
  run: async ({ keeper }) => {
    const list = await withQueen(keeper, (queen) => queen.call("listTasks"));
    await printResult(keeper, list, () => renderTasks(list.tasks, new Date()));
    return undefined;
  },
});
