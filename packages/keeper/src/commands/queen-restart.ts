import { defineCommand } from "../define-command.ts";
import { queenStartFlags } from "../queen-flags.ts";
import { startDaemonQueen, urlOfPlace } from "../start-daemon-queen.ts";
import { stopRunningQueen } from "../stop-running-queen.ts";

export const queenRestartCommand = defineCommand({
  summary: "stop the queen with all that it started, and start it again",
  examples: ["rbee-keeper queen restart", "rbee-keeper queen restart --host 0.0.0.0"],
  arguments: {},
  flags: queenStartFlags,
  run: async ({ keeper, flags }) => {
    const { queenUrl } = keeper.configuration();
    await stopRunningQueen(keeper, queenUrl);
    const url = urlOfPlace(keeper, flags);
    if (url !== queenUrl) await stopRunningQueen(keeper, url);
    await startDaemonQueen(keeper, flags);
    return undefined;
  },
});
