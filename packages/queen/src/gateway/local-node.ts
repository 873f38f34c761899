import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { localNodeName, timings } from "@rbee/contract";
import { ensureKeyFile, programCommand, readSecretFile } from "@rbee/settings";
import { nodeFetch } from "@rbee/sdk/node";
import type { Installation, RbeePaths, Settings } from "@rbee/settings";
import type { NodeAccess } from "../ports.ts";
import { openHiveClient } from "./hive-client.ts";
import { isHiveProcess } from "./hive-process.ts";
import { readNodeLogs } from "./read-node-logs.ts";
import { startHive } from "./start-hive.ts";

export interface LocalNodeOptions {
  readonly installation: Installation;
  /** Where systemd's credentials are found. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly settings: Settings;
  readonly paths: RbeePaths;
  /** `--config` of the queen, which its hive is to use as well. */
  readonly configFile: string | undefined;
  readonly instanceId: string;
}

/** This machine as a node: no SSH, always there. */
export function createLocalNode(options: LocalNodeOptions): NodeAccess {
  const { installation, settings, paths, configFile, instanceId, environment } = options;
  const { port } = settings.hive;
  const host = reachableHost(settings.hive.host);
  const hive = { host, port, url: `http://${host.includes(":") ? `[${host}]` : host}:${port}` };
  const node: NodeAccess = {
    name: localNodeName,
    isLocal: true,
    hive,
    fetch: nodeFetch,
    async resolve() {},
    hasAnswered: () => true,
    workerUrl: async (url) => url,
    reachWorker: async (url) => url,
    keyFile: paths.hiveKey,
    hiveKey: () =>
      existsSync(paths.hiveKey) ? readSecretFile(paths.hiveKey, environment) : undefined,
    async startHive(story, signal) {
      ensureKeyFile(paths.hiveKey, environment);
      const human = `Starting rbee-hive on ${localNodeName}`;
      story({ type: "hive-starting", node: localNodeName });
      story({
        type: "tell",
        line: { action: "hive-start", target: localNodeName, human, cute: `🐝 ${human}` },
      });
      await startHive({
        node: localNodeName,
        program: installation.programs["rbee-hive"],
        command: [
          ...programCommand(installation, "rbee-hive"),
          "daemon",
          "--port",
          String(port),
          "--node",
          localNodeName,
          "--started-by",
          instanceId,
          ...(configFile === undefined ? [] : ["--config", configFile]),
        ],
        logFile: join(paths.logs, "hive.log"),
        signal,
        isAnswering: async () => (await findAnswer(node)) !== undefined,
      });
    },
    isHiveAlive: async (pid) => isHiveProcess(pid, installation.programs["rbee-hive"]),
    findHivePid: async () => readHivePid(join(paths.run, "hive.pid"), installation),
    async signalHive(pid, name) {
      if (isHiveProcess(pid, installation.programs["rbee-hive"])) process.kill(pid, name);
    },
    // This machine is in no registry.
    noteHeard() {},
    noteLost() {},
    readLogs: (query, signal) => readNodeLogs({ directory: paths.logs, query, signal }),
  };
  return node;
}

function readHivePid(file: string, installation: Installation): number | undefined {
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, "utf8"));
  return isHiveProcess(pid, installation.programs["rbee-hive"]) ? pid : undefined;
}

// A hive that listens everywhere is asked on the loopback address.
function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

async function findAnswer(node: NodeAccess): Promise<object | undefined> {
  return await openHiveClient(node)
    .call("health", { timeoutMs: timings.localHiveStartPollMs * 10 })
    .catch(() => undefined);
}
