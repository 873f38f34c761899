import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { errorEntry, RbeeError } from "@rbee/contract";
import { createHiveClient, TransportError } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import type { HiveClient } from "@rbee/sdk";
import { loadSettings, rbeePaths, readSecretFile } from "@rbee/settings";
import { followOperation } from "./follow-operation.ts";
import { parseNumber } from "./parse-command-line.ts";
import type { NodeCommand } from "./parse-command-line.ts";
import * as render from "./render.ts";

/** What a command prints: the answer itself for --json, lines for a person. */
interface Printed {
  readonly answer: unknown;
  readonly lines: readonly string[];
}

type Run = (hive: HiveClient, command: NodeCommand) => Promise<Printed>;

const runs: Readonly<Record<string, Run>> = {
  async status(hive) {
    const health = await hive.call("health");
    const { workers } = await hive.call("listWorkers");
    const lines = [...render.healthLines(health), "", ...render.workerLines(workers)];
    return { answer: { ...health, workers }, lines };
  },
  async detect(hive) {
    const devices = await hive.call("devices");
    return { answer: devices, lines: render.deviceLines(devices) };
  },
  async "models list"(hive) {
    const answer = await hive.call("listModels");
    return { answer, lines: render.modelLines(answer.models) };
  },
  async "models show"(hive, { argument = "" }) {
    const model = await hive.call("getModel", { params: { id: argument } });
    return { answer: model, lines: render.fieldLines(model) };
  },
  async "models rm"(hive, { argument = "" }) {
    const answer = await hive.call("deleteModel", { params: { id: argument } });
    return { answer, lines: [render.removalLine(answer)] };
  },
  async "models pull"(hive, { argument = "" }) {
    const body = { model_ref: argument };
    const { download_id: id, local_path: path } = await hive.call("downloadModel", { body });
    if (path !== undefined) {
      return { answer: { download_id: id, local_path: path }, lines: [`already here: ${path}`] };
    }
    const end = await followOperation(await hive.stream("downloadProgress", { query: { id } }));
    const model = end.type === "done" && "model" in end ? end.model : undefined;
    return { answer: model, lines: [`downloaded: ${model?.local_path ?? argument}`] };
  },
  async "models verify"(hive, { argument }) {
    const body = argument === undefined ? {} : { model_ref: argument };
    const lines: string[] = [];
    const end = await followOperation(await hive.stream("verifyModels", { body }), (event) => {
      if (event.type === "result") lines.push(render.verifyLine(event));
    });
    return { answer: end, lines };
  },
  async "worker list"(hive) {
    const answer = await hive.call("listWorkers");
    return { answer, lines: render.workerLines(answer.workers) };
  },
  async "worker spawn"(hive, { argument = "", flags }) {
    const count = (name: string) => parseNumber(`--${name}`, flags[name]);
    const { worker_id: id } = await hive.call("spawnWorker", {
      body: {
        model_ref: argument,
        backend: flags["backend"],
        device: count("device"),
        slots: count("slots"),
        context: count("context"),
      },
    });
    const end = await followOperation(await hive.stream("workerEvents", { params: { id } }));
    const worker = end.type === "done" && "worker" in end ? end.worker : undefined;
    return { answer: worker, lines: worker === undefined ? [] : render.workerLines([worker]) };
  },
  async "worker stop"(hive, { argument = "" }) {
    const answer = await hive.call("stopWorker", { params: { id: argument } });
    return { answer, lines: [answer.message] };
  },
};

/** Runs one command against the hive of this node; returns the exit code. */
export async function runNodeCommand(
  command: NodeCommand,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const hive = openClient(command, environment);
  try {
    const { answer, lines } = await runs[command.name]!(hive.client, command);
    const text = command.isJson ? JSON.stringify(answer, null, 2) : lines.join("\n");
    process.stdout.write(`${text}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`rbee-hive: ${failureLines(error, hive.url).join("\n  ")}\n`);
    return 1;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

function openClient({ configFile, port }: NodeCommand, environment: Environment) {
  const homeDirectory = homedir();
  const flags = { hive: { port } };
  const { settings } = loadSettings({ environment, homeDirectory, configFile, flags });
  const { hiveKey } = rbeePaths({ settings, environment, homeDirectory });
  const key = existsSync(hiveKey) ? readSecretFile(hiveKey) : undefined;
  const host = settings.hive.host === "0.0.0.0" ? "127.0.0.1" : settings.hive.host;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${settings.hive.port}`;
  return { url, client: createHiveClient({ baseUrl: url, key: () => key, fetch: nodeFetch }) };
}

function failureLines(error: unknown, url: string): readonly string[] {
  if (RbeeError.is(error)) {
    const entry = errorEntry(error.code);
    const explained = entry.explain?.(error.details) ?? [];
    return [`${error.message} [${error.code}]`, ...explained, ...entry.hint(error.details)];
  }
  if (error instanceof TransportError) {
    return [`no hive answers at ${url}: ${error.message}`, "Start one: rbee-hive daemon"];
  }
  throw error;
}
