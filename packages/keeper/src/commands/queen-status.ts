import { defineCommand } from "../define-command.ts";
import { formatSeconds } from "../output/figures.ts";
import { printResult } from "../output/print.ts";
import { renderFields } from "../output/render-table.ts";
import { probeQueen } from "../probe-queen.ts";
import { foreignProgramError, unreachableError } from "../unreachable-error.ts";

export const queenStatusCommand = defineCommand({
  summary: "whether the queen runs; exit 1 when not",
  examples: ["rbee-keeper queen status", "rbee-keeper queen status --json"],
  arguments: {},
  flags: {},
  run: async ({ keeper }) => {
    const { queenUrl: url, settings } = keeper.configuration();
    const timeoutMs = settings.timeouts.connect * 1000;
    const { signal } = keeper.interrupts;
    const probe = await probeQueen(url, { timeoutMs, signal });
    if (probe.state === "foreign") throw foreignProgramError(url, probe.found);
    if (probe.state === "silent") throw unreachableError(url, probe.reason);
    if (probe.state === "absent") {
      await printResult(keeper, { running: false, url }, () => [
        `queen-rbee is not running at ${url}. Start it: rbee-keeper queen start`,
      ]);
      return 1;
    }
    const { health } = probe;
    await printResult(keeper, { running: true, url, ...health }, () =>
      renderFields([
        ["Queen", "running"],
        ["URL", url],
        ["Version", `v${health.version}`],
        ["Process", String(health.pid)],
        ["Running for", formatSeconds(health.uptime_s)],
      ]),
    );
    return undefined;
  },
});
