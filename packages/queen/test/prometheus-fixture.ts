import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { eventually, runProgram } from "@rbee/testkit";
import type { Box } from "@rbee/testkit";

const root = join(import.meta.dirname, "../../..");

/** What stands in the way of a test with a real Prometheus; false when there is one. */
export function findMissingPrometheus(): string | false {
  const missing = ["prometheus", "promtool"].filter(
    (program) => spawnSync(program, ["--version"]).error !== undefined,
  );
  return missing.length === 0 ? false : `needs ${missing.join(" and ")} (Debian: prometheus)`;
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface RuleState {
  readonly name: string;
  readonly query: string;
  readonly health: string;
  readonly lastError?: string;
}

export interface RunningPrometheus extends AsyncDisposable {
  /** Throws when the expression cannot be evaluated. */
  readonly query: (expression: string) => Promise<readonly Series[]>;
  readonly rules: () => Promise<readonly RuleState[]>;
}

/**
 * A Prometheus with the configuration and the alerts that rbee ships, on the ports of the box and
 * with a second between scrapes. Its data lie in the box.
 */
export async function startPrometheus(box: Box): Promise<RunningPrometheus> {
  const folder = join(box.root, "prometheus");
  mkdirSync(folder);
  const shipped = readFileSync(join(root, "ops/prometheus/prometheus.yml"), "utf8");
  const configuration = shipped
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${box.queenPort}`)
    .replaceAll("127.0.0.1:9200", `127.0.0.1:${box.hivePort}`)
    .replaceAll("interval: 15s", "interval: 1s");
  writeFileSync(join(folder, "prometheus.yml"), configuration);
  writeFileSync(join(folder, "alerts.yml"), readAlerts());
  const address = `127.0.0.1:${await findFreePort()}`;
  const run = await runProgram({
    command: [
      "prometheus",
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
      "--log.level=error",
    ],
    environment: { PATH: process.env["PATH"] ?? "", HOME: box.home },
    directory: folder,
  });
  const ask = async (path: string): Promise<unknown> => {
    const answer = await (await fetch(`http://${address}/api/v1/${path}`)).json();
    const { status, data, error } = answer as { status: string; data: unknown; error?: string };
    if (status !== "success") throw new Error(`${path}: ${error}`);
    return data;
  };
  await eventually(async () => (await fetch(`http://${address}/-/ready`)).ok, {
    timeoutMs: 20_000,
    what: `Prometheus to be ready: ${run.stderr()}`,
  });
  return {
    async query(expression) {
      const found = await ask(`query?${new URLSearchParams({ query: expression }).toString()}`);
      return (found as { result: readonly Series[] }).result;
    },
    async rules() {
      const found = (await ask("rules")) as { groups: { rules: RuleState[] }[] };
      return found.groups.flatMap(({ rules }) => rules);
    },
    async [Symbol.asyncDispose]() {
      run.signal("SIGTERM");
      await run.ended;
    },
  };
}

function readAlerts(): string {
  return readFileSync(join(root, "ops/prometheus/alerts.yml"), "utf8");
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

export interface Dashboard {
  readonly panels: readonly (Panel & Readonly<Record<string, unknown>>)[];
  readonly annotations: { readonly list: readonly { readonly expr?: string }[] };
}

export function readDashboard(): Dashboard {
  const text = readFileSync(join(root, "ops/grafana/rbee.json"), "utf8");
  return JSON.parse(text) as Dashboard;
}

/** Runs promtool in the folder of the alerts; what it says when it does not like something. */
export function runPromtool(words: readonly string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync("promtool", words, {
    cwd: join(root, "ops/prometheus"),
    input,
    encoding: "utf8",
  });
  return status === 0 ? "" : `promtool ${words.join(" ")}: ${stdout}${stderr}`;
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
