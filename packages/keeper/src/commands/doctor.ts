import { localNodeName, timings } from "@rbee/contract";
import type { DoctorFinding, DoctorReport } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { checkMachine } from "../doctor/check-machine.ts";
import { nodeFlag } from "../generation-flags.ts";
import type { Configuration, Keeper } from "../keeper.ts";
import { countOf } from "../output/figures.ts";
import { paint } from "../output/render-narration.ts";
import { printResult } from "../output/print.ts";
import { describeError } from "../output/render-error.ts";
import { localKnowledge } from "../output/report-failure.ts";
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
    const wantsQueen = node !== undefined && node !== localNodeName;
    // Without a configuration nobody knows where she is; that is told already.
    if (configuration !== undefined && (probe?.state === "queen" || wantsQueen)) {
      reports.push(await askQueen(keeper, node));
    }
    const findings = reports.flatMap((report) => report.findings);
    const problems = findings.filter(({ status }) => status === "problem").length;
    const warnings = findings.filter(({ status }) => status === "warning").length;
    const sum = problems === 0 ? "No problems" : countOf(problems, "problem");
    await printResult(keeper, { problems, warnings, reports }, () => [
      ...reports.flatMap((report) => renderReport(keeper, report)),
      warnings === 0 ? `${sum}.` : `${sum}, ${countOf(warnings, "warning")}.`,
    ]);
    return problems > 0 ? 1 : undefined;
  },
});

// SSH may be silent three times, and a hive may take its time to start.
async function askQueen(keeper: Keeper, node: string | undefined): Promise<DoctorReport> {
  const timeoutMs = timings.remoteHiveStartTimeoutMs * 2;
  const name = node ?? localNodeName;
  try {
    return await withQueen(keeper, async (queen) => {
      const human = `looking at ${name}: SSH, programs, devices`;
      keeper.story.narrate({ action: "doctor", human, cute: `🩺 ${human}` });
      return await queen.call("doctor", { query: { node }, timeoutMs });
    });
  } catch (error) {
    keeper.interrupts.signal.throwIfAborted();
    return { node: name, findings: [describeFailure(keeper, error)] };
  }
}

// What stands above is worth reading all the same.
function describeFailure(keeper: Keeper, error: unknown): DoctorFinding {
  const { message, lines, hints } = describeError(error, localKnowledge(keeper));
  const found = [message, ...lines].join("\n");
  return { check: "Queen", status: "problem", found, advice: hints.join("\n") };
}

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
    `  ${sign(finding)} ${finding.check}: ${indent(finding.found, 6)}`,
    ...(finding.advice === null ? [] : [`      -> ${indent(finding.advice, 9)}`]),
  ]);
  return [`${safeText(node)}:`, ...lines, ""];
}

// Further lines of a text stand below the first; each line is made safe by itself.
function indent(text: string, columns: number): string {
  return text
    .split("\n")
    .map(safeText)
    .join(`\n${" ".repeat(columns)}`);
}
