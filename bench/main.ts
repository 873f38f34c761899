// Measurements that a person can run: `npm run bench`, `npm run bench -- relay idle`. Everything is
// measured on this machine, compared within one run, and printed as one table at the end.
import { parseArgs } from "node:util";
import { describeConditions, renderLoad } from "./conditions.ts";
import { renderReport } from "./render-report.ts";
import type { SectionReport } from "./render-report.ts";
import type { Section } from "./section.ts";
import { runSection } from "./run-section.ts";
import { affinitySection } from "./affinity/affinity-section.ts";
import { coldStartSection } from "./start/cold-start-section.ts";
import { consoleMemorySection } from "./console/console-memory-section.ts";
import { consoleSpeedSection } from "./console/console-speed-section.ts";
import { downloadSection } from "./download/download-section.ts";
import { engineSection } from "./engine-section.ts";
import { firstRunSection } from "./first-run/first-run-section.ts";
import { idleSection } from "./idle/idle-section.ts";
import { installHereSection } from "./install/install-here-section.ts";
import { installSection } from "./nodes/install-section.ts";
import { noticeSection } from "./nodes/notice-section.ts";
import { roadSection } from "./nodes/road-section.ts";
import { steadySection } from "./nodes/steady-section.ts";
import { framedSection } from "./relay/framed-section.ts";
import { crowdSection } from "./relay/crowd-section.ts";
import { enduranceSection } from "./relay/endurance-section.ts";
import { placementSection } from "./placement/placement-section.ts";
import { relaySection } from "./relay/relay-section.ts";
import { simulationSection } from "./simulation/simulation-section.ts";
import { threeModelsSection } from "./three-models/three-models-section.ts";

const sections = [
  engineSection,
  relaySection,
  framedSection,
  crowdSection,
  enduranceSection,
  coldStartSection,
  idleSection,
  installHereSection,
  installSection,
  roadSection,
  steadySection,
  noticeSection,
  firstRunSection,
  downloadSection,
  affinitySection,
  placementSection,
  simulationSection,
  threeModelsSection,
  consoleSpeedSection,
  consoleMemorySection,
];
const roundsDefault = "5";
const roundsMin = 3;
const interruptedExitCode = 130;

const write = (line: string) => void process.stdout.write(`${line}\n`);
const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: "boolean", default: false },
    rounds: { type: "string", default: roundsDefault },
    help: { type: "boolean", default: false },
  },
});
// `nodes` means all sections whose names begin with it.
const isNamed = (section: Section, name: string) =>
  section.name === name || section.name.startsWith(`${name}-`);
const unknown = names.filter((name) => !sections.some((section) => isNamed(section, name)));
if (flags.help || unknown.length > 0) {
  if (unknown.length > 0) write(`unknown section: ${unknown.join(", ")}\n`);
  write("Usage: npm run bench -- [section ...] [--all] [--rounds n]\n");
  for (const { name, summary, isLong } of sections) {
    write(`  ${name.padEnd(14)} ${summary}${isLong === true ? " (only when named)" : ""}`);
  }
  process.exitCode = flags.help ? 0 : 2;
} else {
  await runAll();
}

async function runAll(): Promise<void> {
  const chosen = sections.filter((section) =>
    names.length === 0
      ? flags.all || section.isLong !== true
      : names.some((name) => isNamed(section, name)),
  );
  const tell = (line: string) => write(`  ${line}`);
  const rounds = Math.max(roundsMin, Number(flags.rounds));
  const conditions = describeConditions();
  conditions.forEach(write);
  const reports: SectionReport[] = [];
  const interruption = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => interruption.abort(new Error(`ended by ${name}`)));
  }
  const interrupt = interruption.signal;
  for (const section of chosen) {
    if (interrupt.aborted) break;
    write(`\n${section.name}: ${section.summary}`);
    const load = renderLoad();
    const rows = await runSection(section, { rounds, tell, interrupt });
    reports.push({ name: section.name, load: `${load} -> ${renderLoad()}`, rows });
  }
  write(`\n${describeConditions().join("\n")}\n\n${renderReport(reports)}`);
  const isMissed = reports.some(({ rows }) => rows.some(({ isMet }) => isMet === false));
  process.exitCode = interrupt.aborted ? interruptedExitCode : Number(isMissed);
}
