import { defineCommand } from "../define-command.ts";
import type { Command } from "../define-command.ts";
import { followOperation } from "../follow-operation.ts";
import { localNodeFlag } from "../generation-flags.ts";
import { printResult } from "../output/print.ts";
import { withQueen } from "../queen-session.ts";

export const hiveStartCommand = defineHiveCommand({
  route: "startHive",
  summary: "make sure that the hive of a node runs",
  example: "rbee-keeper hive start --node mac",
});

export const hiveStopCommand = defineHiveCommand({
  route: "stopHive",
  summary: "stop the hive of a node and its workers",
  example: "rbee-keeper hive stop",
});

export const hiveRestartCommand = defineHiveCommand({
  route: "restartHive",
  summary: "stop and start the hive of a node",
  example: "rbee-keeper hive restart --node mac",
});

interface HiveCommand {
  readonly route: "startHive" | "stopHive" | "restartHive";
  readonly summary: string;
  readonly example: string;
}

function defineHiveCommand({ route, summary, example }: HiveCommand): Command {
  return defineCommand({
    summary,
    examples: [example],
    arguments: {},
    flags: { node: localNodeFlag },
    run: async ({ keeper, flags: { node } }) => {
      const { message } = await withQueen(keeper, async (queen) =>
        followOperation(keeper, await queen.stream(route, { body: { node } })),
      );
      await printResult(keeper, { node, message }, () => [message]);
      return undefined;
    },
  });
}
