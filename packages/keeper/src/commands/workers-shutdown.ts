import { patterns, sizes, timings } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { textFlag } from "../flags.ts";
import { printResult } from "../output/print.ts";
import { withQueen } from "../queen-session.ts";
import { UsageError } from "../usage-error.ts";

export const workersShutdownCommand = defineCommand({
  summary: "stop one worker; running requests may finish",
  examples: ["rbee-keeper workers shutdown --id <worker id>"],
  arguments: {},
  flags: {
    id: textFlag("worker", "the worker, as workers list shows it", {
      check: (text) =>
        patterns.workerId.test(text) && text.length <= sizes.identifierMax
          ? undefined
          : "A worker id has letters, digits and hyphens.",
    }),
  },
  run: async ({ keeper, flags: { id } }) => {
    if (id === undefined) throw new UsageError("--id <worker> is missing");
    const answer = await withQueen(keeper, async (queen) => {
      keeper.story.narrate({
        action: "worker-shutdown",
        human: `asking worker ${id} to stop; running requests may finish`,
        cute: `🌙 asking worker ${id} to stop; running requests may finish`,
      });
      // The worker may drain, then stop; the hive and the queen have their own limits below this.
      const { drain } = keeper.configuration().settings.timeouts;
      const timeoutMs = drain * 1000 + timings.hiveShutdownMs + timings.connectTimeoutMs;
      return await queen.call("shutdownWorker", { body: { worker_id: id }, timeoutMs });
    });
    await printResult(keeper, answer, () => [`Worker ${id} is gone.`]);
    return undefined;
  },
});
