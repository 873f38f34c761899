import { existsSync } from "node:fs";
import { join } from "node:path";
import { RbeeError, timings } from "@rbee/contract";
import type { DevicesOnWire, HiveReady } from "@rbee/contract";
import { TransportError } from "@rbee/sdk";
import { ensureKeyFile, readSecretFile } from "@rbee/settings";
import type { RbeePaths, Settings } from "@rbee/settings";
import { sshTargetOf } from "../node-ports.ts";
import type { NodeRegistry, RegisteredNode, Ssh, SshTarget } from "../node-ports.ts";
import type { NodeAccess, Story } from "../ports.ts";
import { openHiveClient } from "./hive-client.ts";
import { delay } from "./look-for-hive.ts";
import { createNodeWay } from "./node-way.ts";
import type { NodeWay } from "./node-way.ts";
import { readRemoteLogs } from "./read-remote-logs.ts";
import { createRemoteProcesses } from "./remote-process.ts";
import { startRemoteHive } from "./start-remote-hive.ts";
import { createWayMemory } from "./way-memory.ts";

export interface SshNodeOptions {
  readonly name: string;
  readonly ssh: Ssh;
  readonly registry: Pick<NodeRegistry, "find" | "update">;
  readonly paths: Pick<RbeePaths, "keys" | "run" | "hiveKey">;
  readonly settings: () => Pick<Settings, "remote" | "hive" | "timeouts">;
  readonly instanceId: string;
}

/** A registered machine as a node. What the registry says of it is read anew each time. */
export function createSshNode(options: SshNodeOptions): NodeAccess {
  const { name, ssh, registry, settings } = options;
  const row = (): RegisteredNode => {
    const found = registry.find(name);
    if (found === undefined) throw new RbeeError("NODE_NOT_FOUND", { node: name });
    return found;
  };
  const target = () => sshTargetOf(row());
  const way = createNodeWay({
    ssh,
    target,
    hivePort: () => settings().hive.port,
    memory: createWayMemory(options.paths.run, name),
  });
  const timeoutMs = settings().timeouts.connect * 1000;
  const processes = createRemoteProcesses({ ssh, target, timeoutMs });
  const keyFile = keyFileOf(options);
  const news = createNodeNews(options);
  const node: NodeAccess = {
    name,
    isLocal: false,
    get hive() {
      return way.hive();
    },
    resolve: way.resolve,
    fetch: way.fetch,
    workerUrl: way.workerUrl,
    reachWorker: way.reachWorker,
    keyFile,
    hiveKey: () => (existsSync(keyFile) ? readSecretFile(keyFile) : undefined),
    async startHive(story, signal) {
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
      way.learnPort(ready.port);
      await reachHive(node, way, { ready, story, signal });
    },
    isHiveAlive: async (pid, signal) =>
      (await askAlive(node, pid, signal)) ?? (await processes.send(pid, "0", signal)),
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

// A node may be called `hive`; the key of this machine's own hive is not sent to it.
function keyFileOf({ name, paths }: SshNodeOptions): string {
  const file = join(paths.keys, `${name}.key`);
  return file === paths.hiveKey ? join(paths.keys, `${name}@node.key`) : file;
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

function tellStart(node: string, program: string, story: Story): void {
  const human = `Starting rbee-hive on ${node} (${program})`;
  story({ type: "hive-starting", node });
  story({
    type: "tell",
    line: { action: "hive-start", target: node, human, cute: `🐝 ${human}` },
  });
}

interface Reaching {
  readonly ready: HiveReady;
  readonly story: Story;
  readonly signal: AbortSignal;
}

/**
 * It listens, as it said over SSH; now it has to be reached over HTTP.
 *
 * 1. Straight, unless it listens on its own loopback alone.
 * 2. A port that is closed from here is gone around: through SSH, from now on.
 * 3. Through SSH it may take a moment.
 */
async function reachHive(
  node: NodeAccess,
  way: NodeWay,
  { ready, story, signal }: Reaching,
): Promise<void> {
  const startedAt = performance.now();
  const isPrivate = isLoopbackOfNode(ready.host) && ready.host !== node.hive.host;
  // 1.
  if (!way.isForwarded() && !isPrivate && (await isAnswering(node, signal))) return;
  // 2.
  if (!way.isForwarded()) {
    const human = `Port ${node.hive.port} of ${node.name} is closed from here; going through SSH`;
    const line = { action: "forward", target: node.name, human, cute: `🚇 ${human}` };
    story({ type: "tell", line });
    way.goThroughSsh();
  }
  // 3.
  for (let waitMs = timings.remoteHiveStartPollMs; ; waitMs *= 2) {
    if (await isAnswering(node, signal)) return;
    const waitedMs = performance.now() - startedAt;
    if (waitedMs + waitMs > timings.remoteHiveStartTimeoutMs) throw unreached(node, waitedMs);
    await delay(waitMs, signal);
  }
}

function isLoopbackOfNode(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

async function isAnswering(node: NodeAccess, signal: AbortSignal): Promise<boolean> {
  try {
    await openHiveClient(node).call("health", { timeoutMs: timings.directTryMs, signal });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TransportError) return false;
    throw error;
  }
}

function unreached(node: NodeAccess, waitedMs: number): RbeeError {
  return new RbeeError("HIVE_START_FAILED", {
    node: node.name,
    waited_ms: Math.round(waitedMs),
    exit_code: null,
    signal: null,
    last_lines: [
      `It runs, but port ${node.hive.port} there answers nobody, not through SSH either.`,
    ],
  });
}

// Undefined when HTTP says nothing: then its process has to be looked at.
async function askAlive(
  node: NodeAccess,
  pid: number,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  try {
    const limits = { timeoutMs: timings.directTryMs, signal };
    return (await openHiveClient(node).call("health", limits)).pid === pid;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof TransportError && error.failure === "refused" ? false : undefined;
  }
}

/** What the registry is told of a node; nothing twice, since it is written to the disk. */
function createNodeNews({ name, registry }: SshNodeOptions) {
  const update = (change: Parameters<NodeRegistry["update"]>[1]) => {
    // Removed meanwhile: nobody wants to know any more.
    if (registry.find(name) !== undefined) registry.update(name, change);
  };
  const reached = () => ({
    lastConnectedUnix: Math.floor(Date.now() / 1000),
    status: "reachable" as const,
    lastError: undefined,
  });
  return {
    connected: () => update(reached()),
    heard(devices: DevicesOnWire): void {
      update({ ...reached(), backends: devices.backends, devices: { ...devices } });
    },
    lost(reason: string, isThere: boolean): void {
      const known = registry.find(name);
      const status = isThere ? "reachable" : "unreachable";
      const lastError = isThere ? undefined : reason;
      if (known === undefined || (known.status === status && known.lastError === lastError)) return;
      update({ status, lastError });
    },
  };
}
