import { homedir } from "node:os";
import { errorEntry, RbeeError } from "@rbee/contract";
import { TransportError } from "@rbee/sdk";
import type { HiveClient } from "@rbee/sdk";
import { loadSettings, rbeePaths } from "@rbee/settings";
import { followOperation } from "./follow-operation.ts";
import { findHiveAddress } from "./hive-address.ts";
import type { HiveAddress } from "./hive-address.ts";
import { parseNumber } from "./parse-command-line.ts";
import type { NodeCommand } from "./parse-command-line.ts";
import * as render from "./render.ts";
import { runStopCommand } from "./stop-command.ts";

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
  if (command.name === "stop") return await runStopCommand(command, environment);
  const hive = openHive(command, environment);
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

function openHive({ configFile, port }: NodeCommand, environment: Environment): HiveAddress {
  const homeDirectory = homedir();
  const flags = { hive: { port } };
  const { settings } = loadSettings({ environment, homeDirectory, configFile, flags });
  return findHiveAddress(settings, rbeePaths({ settings, environment, homeDirectory }));
}

function failureLines(error: unknown, url: string): readonly string[] {
  if (RbeeError.is(error)) {
    const entry = errorEntry(error.code);
    const explained = entry.explain?.(error.details) ?? [];
    return [`${error.message} [${error.code}]`, ...explained, ...entry.hint(error.details)];
  }
  if (error instanceof TransportError) {
    return [`no hive answers at ${url}: ${error.message}`, "Start one: rbee-hive start"];
  }
  throw error;
}
