import { defineCommand } from "../define-command.ts";
import { localNodeFlag } from "../generation-flags.ts";
import { printResult } from "../output/print.ts";
import { renderDevices } from "../output/render-devices.ts";
import { renderFields } from "../output/render-table.ts";
import { withQueen } from "../queen-session.ts";

export const hiveStatusCommand = defineCommand({
  summary: "whether the hive of a node runs, whose it is, what the node has",
  examples: ["rbee-keeper hive status", "rbee-keeper hive status --node mac --json"],
  arguments: {},
  flags: { node: localNodeFlag },
  run: async ({ keeper, flags: { node } }) => {
    const status = await withQueen(keeper, (queen) =>
      queen.call("hiveStatus", { query: { node } }),
    );
    await printResult(keeper, status, () => {
      const { running, owned, url, health, devices } = status;
      const owner = owned ? "this queen; it stops with her" : "an operator; it outlives the queen";
      return renderFields([
        ["Node", status.node],
        ["Hive", running ? "running" : "not running"],
        ...(running ? ([["Started by", owner]] as const) : []),
        ...(url === null ? [] : ([["URL", url]] as const)),
        ...(health === null
          ? []
          : ([
              ["Version", `v${health.version}`],
              ["Process", String(health.pid)],
            ] as const)),
        ...(devices === null ? [] : renderDevices(devices)),
      ]);
    });
    return undefined;
  },
});
