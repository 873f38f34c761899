import { localNodeName } from "@rbee/contract";
import type { DoctorFinding, DoctorReport } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { checkMachine } from "../doctor/check-machine.ts";
import { nodeFlag } from "../generation-flags.ts";
import type { Configuration, Keeper } from "../keeper.ts";
import { countOf } from "../output/figures.ts";
import { paint } from "../output/render-narration.ts";
import { printResult } from "../output/print.ts";
import { safeText } from "../output/safe-text.ts";
import { probeQueen } from "../probe-queen.ts";
import type { QueenProbe } from "../probe-queen.ts";
import { withQueen } from "../queen-session.ts";

export const doctorCommand = defineCommand({
  summary: "check what usually goes wrong, and say how to mend it",
  details: "Exit 1 when there is a problem. It starts no queen; with one it asks her too.",
  examples: ["rbee-keeper doctor", "rbee-keeper doctor --node mac"],
  arguments: {},
  flags: { node: nodeFlag("what the queen checks on this node") },
  run: async ({ keeper, flags: { node } }) => {
    const { configuration, error } = openConfiguration(keeper);
    const probe = configuration === undefined ? undefined : await probeNow(keeper, configuration);
    const local = await checkMachine({
      environment: keeper.environment,
      configuration,
      configurationError: error,
      probe,
    });
    const reports: DoctorReport[] = [{ node: "this machine", findings: [...local] }];
    if (probe?.state === "queen" || (node !== undefined && node !== localNodeName)) {
      reports.push(await withQueen(keeper, (queen) => queen.call("doctor", { query: { node } })));
    }
    const findings = reports.flatMap((report) => report.findings);
    const problems = findings.filter(({ status }) => status === "problem").length;
    await printResult(keeper, { problems, reports }, () => [
      ...reports.flatMap((report) => renderReport(keeper, report)),
      problems === 0 ? "No problems." : `${countOf(problems, "problem")}.`,
    ]);
    return problems > 0 ? 1 : undefined;
  },
});

function openConfiguration(keeper: Keeper): {
  readonly configuration?: Configuration;
  readonly error?: unknown;
} {
  try {
    return { configuration: keeper.configuration() };
  } catch (error) {
    return { error };
  }
}

async function probeNow(keeper: Keeper, configuration: Configuration): Promise<QueenProbe> {
  const timeoutMs = configuration.settings.timeouts.connect * 1000;
  return await probeQueen(configuration.queenUrl, { timeoutMs, signal: keeper.interrupts.signal });
}

const signs = { ok: "✓", warning: "!", problem: "✗" } as const;
const plainSigns = { ok: "ok", warning: "warning", problem: "problem" } as const;
const colors = { ok: "green", warning: "yellow", problem: "red" } as const;

function renderReport({ terminal, globals }: Keeper, { node, findings }: DoctorReport): string[] {
  const sign = ({ status }: DoctorFinding) => {
    if (globals.plain) return plainSigns[status];
    return terminal.hasOutputColor ? paint(colors[status], signs[status]) : signs[status];
  };
  const lines = findings.flatMap((finding) => [
    `  ${sign(finding)} ${safeText(`${finding.check}: ${finding.found}`)}`,
    ...(finding.advice === null ? [] : [safeText(`      -> ${finding.advice}`)]),
  ]);
  return [`${safeText(node)}:`, ...lines, ""];
}
