import { defineCommand } from "../define-command.ts";
import { queenStartFlags } from "../queen-flags.ts";
import { startDaemonQueen } from "../start-daemon-queen.ts";

export const queenStartCommand = defineCommand({
  summary: "start the queen as a daemon, unless it runs",
  examples: [
    "rbee-keeper queen start",
    "rbee-keeper queen start --port 8090",
    "rbee-keeper queen start --host 0.0.0.0",
  ],
  arguments: {},
  flags: queenStartFlags,
  run: async ({ keeper, flags }) => {
    await startDaemonQueen(keeper, flags);
    return undefined;
  },
});
