import { defineCommand } from "../define-command.ts";
import { printResult } from "../output/print.ts";
import { queenPortFlag } from "../queen-flags.ts";
import { withPort } from "../queen-url.ts";
import { stopRunningQueen } from "../stop-running-queen.ts";

export const queenStopCommand = defineCommand({
  summary: "stop the queen, the hives that it started, and their workers",
  examples: ["rbee-keeper queen stop", "rbee-keeper queen stop --port 8090"],
  arguments: {},
  flags: { port: queenPortFlag("the queen on this port instead of the configured one") },
  run: async ({ keeper, flags: { port } }) => {
    const { queenUrl } = keeper.configuration();
    const url = port === undefined ? queenUrl : withPort(queenUrl, port);
    const how = await stopRunningQueen(keeper, url);
    if (how === "absent") {
      await printResult(keeper, { url, stopped: false, running: false }, () => [
        `No queen-rbee runs at ${url}.`,
      ]);
      return undefined;
    }
    await printResult(keeper, { url, stopped: true, running: false, how }, () => [
      how === "graceful" ? "queen-rbee has stopped." : "queen-rbee had to be stopped by force.",
    ]);
    return undefined;
  },
});
