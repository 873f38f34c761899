import type { Registry } from "prom-client";
import { createMetrics } from "@rbee/daemon";
import { createHiveMetrics } from "../packages/hive/src/create-hive-metrics.ts";
import { createQueenMetrics } from "../packages/queen/src/create-queen-metrics.ts";
import { createInferenceMeter } from "../packages/worker/src/create-inference-meter.ts";

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
}

const lead = `Every name that \`/metrics\` of a program can show, with its type and labels. Every series has the label
\`program\` besides. A model is a label only once it was loaded, and only the first 20 are; keys end at 50: all
others are counted together as \`other\`. Names end with their unit, those that only grow with \`_total\`.`;

/** docs/metrics.md: what the programs themselves register, so that it is never old. */
export function renderMetrics(heading: string): string {
  const everyDaemon = describe(createMetrics("any").registry);
  const shared = new Set(everyDaemon.map(({ name }) => name));
  const own = (registry: Registry) => describe(registry).filter(({ name }) => !shared.has(name));
  const worker = createMetrics("llm-worker-rbee").registry;
  createInferenceMeter(worker, () => never());
  const queen = createQueenMetrics({
    version: "",
    listRunning: never,
    listKeys: never,
    listNodes: never,
    listWorkers: never,
    weightOf: never,
    refresh: never,
  });
  const hive = createHiveMetrics({ version: "", listWorkers: never, readDevices: never });
  return [
    "# Metrics",
    "",
    heading,
    "",
    lead,
    "",
    "## Every daemon",
    ...renderTable(everyDaemon),
    "",
    "## queen-rbee",
    ...renderTable(own(queen.metrics.registry)),
    "",
    "## rbee-hive",
    ...renderTable(own(hive.metrics.registry)),
    "",
    "## llm-worker-rbee",
    "",
    "A hive shows these of all its workers on its own page, with the labels `port` and `model`.",
    ...renderTable(own(worker)),
    "",
  ].join("\n");
}

// Only names are wanted: nobody looks at a world that is not there.
function never(): never {
  throw new Error("nothing is measured here");
}

interface RegisteredMetric {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

function describe(registry: Registry): Described[] {
  const metrics = registry.getMetricsAsArray() as unknown as readonly RegisteredMetric[];
  return metrics.map((metric) => ({
    name: metric.name,
    help: metric.help,
    type: metric.constructor.name.toLowerCase(),
    labels: metric.labelNames.filter((label) => label !== "le"),
  }));
}

function renderTable(metrics: readonly Described[]): string[] {
  const rows = metrics
    .toSorted((left, right) => left.name.localeCompare(right.name))
    .map(({ name, type, labels, help }) => {
      const names = labels.map((label) => `\`${label}\``).join(", ");
      return `| \`${name}\` | ${type} | ${names} | ${help} |`;
    });
  return ["", "| name | type | labels | meaning |", "| --- | --- | --- | --- |", ...rows];
}
