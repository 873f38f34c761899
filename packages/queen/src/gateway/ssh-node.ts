import { existsSync } from "node:fs";
import { join } from "node:path";
import { RbeeError } from "@rbee/contract";
import { ensureKeyFile, nodeKeyFile, readSecretFile } from "@rbee/settings";
import type { RbeePaths, Settings } from "@rbee/settings";
import { sshTargetOf } from "../node-ports.ts";
import type { NodeRegistry, RegisteredNode, Ssh, SshTarget } from "../node-ports.ts";
import type { NodeAccess, Story } from "../ports.ts";
import { createNodeNews } from "./node-news.ts";
import { createNodeWay } from "./node-way.ts";
import { askAlive, reachHive } from "./reach-hive.ts";
import { readRemoteLogs } from "./read-remote-logs.ts";
import { createRemoteProcesses } from "./remote-process.ts";
import type { RemoteProcesses } from "./remote-process.ts";
import { startRemoteHive } from "./start-remote-hive.ts";
import { createWayMemory } from "./way-memory.ts";

export interface SshNodeOptions {
  readonly name: string;
  readonly ssh: Ssh;
  readonly registry: Pick<NodeRegistry, "find" | "update">;
  readonly paths: Pick<RbeePaths, "keys" | "run">;
  readonly settings: () => Pick<Settings, "remote" | "hive" | "timeouts">;
  readonly instanceId: string;
}

/** A registered machine as a node. What the registry says of it is read anew each time. */
export function createSshNode(options: SshNodeOptions): NodeAccess {
  const { name, ssh, settings } = options;
  const row = () => requireRow(options);
  const target = () => sshTargetOf(row());
  const way = createNodeWay({
    ssh,
    target,
    hivePort: () => settings().hive.port,
    memory: createWayMemory(options.paths.run, name),
  });
  const timeoutMs = settings().timeouts.connect * 1000;
  const processes = createRemoteProcesses({ ssh, target, timeoutMs });
  const keyFile = nodeKeyFile(options.paths.keys, name);
  const news = createNodeNews(options);
  const node: NodeAccess = {
    name,
    isLocal: false,
    get hive() {
      return way.hive();
    },
    resolve: way.resolve,
    hasAnswered: way.hasAnswered,
    fetch: way.fetch,
    workerUrl: way.workerUrl,
    reachWorker: way.reachWorker,
    keyFile,
    hiveKey: () => (existsSync(keyFile) ? readSecretFile(keyFile) : undefined),
    async startHive(story, signal) {
      tellConnecting(name, story);
      await connect(options, { target: target(), story, signal });
      const program = settings().remote.binary_path ?? join(row().installPath, "bin/rbee-hive");
      tellStart(name, program, story);
      const ready = await startRemoteHive({
        ssh,
        target: target(),
        program,
        queen: options.instanceId,
        port: settings().hive.port,
        key: ensureKeyFile(keyFile),
        story,
        signal,
      });
      news.connected();
      way.noteStart(ready.port);
      await reachHive(node, way, { ready, story, signal });
    },
    isHiveAlive: (pid, signal) => isAlive({ node, processes, pid, signal }),
    findHivePid: processes.findPid,
    async signalHive(pid, signalName, signal) {
      await processes.send(pid, signalName.slice("SIG".length), signal);
    },
    noteHeard: news.heard,
    noteLost: news.lost,
    readLogs: (query, signal) => readRemoteLogs({ ssh, target: target(), query, signal }),
  };
  return node;
}

interface Look {
  readonly node: NodeAccess;
  readonly processes: RemoteProcesses;
  readonly pid: number;
  readonly signal: AbortSignal;
}

async function isAlive({ node, processes, pid, signal }: Look): Promise<boolean> {
  const answers = await askAlive(node, pid, signal);
  if (answers === true) return true;
  try {
    return await processes.send(pid, "0", signal);
  } catch (error) {
    // A closed port is no process that has ended, but it is all that can be known now.
    if (answers === false) return false;
    throw error;
  }
}

function requireRow({ name, registry }: SshNodeOptions): RegisteredNode {
  const found = registry.find(name);
  if (found === undefined) throw new RbeeError("NODE_NOT_FOUND", { node: name });
  return found;
}

interface Connecting {
  readonly target: SshTarget;
  readonly story: Story;
  readonly signal: AbortSignal;
}

async function connect(options: SshNodeOptions, connecting: Connecting): Promise<void> {
  const { ssh, name } = options;
  const { target, story, signal } = connecting;
  try {
    await ssh.connect(target, { story, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (RbeeError.is(error)) {
      options.registry.update(name, { status: "unreachable", lastError: error.message });
    }
    throw error;
  }
}

function tellConnecting(node: string, story: Story): void {
  const human = `Connecting to ${node} over SSH`;
  const line = { action: "ssh", target: node, human, cute: `🔑 ${human}` };
  story({ type: "tell", line });
}

function tellStart(node: string, program: string, story: Story): void {
  const human = `Starting rbee-hive on ${node} (${program})`;
  story({ type: "hive-starting", node });
  story({
    type: "tell",
    line: { action: "hive-start", target: node, human, cute: `🐝 ${human}` },
  });
}
