import { isIPv4 } from "node:net";
import { join } from "node:path";
import type { GpuKind, Payload, PayloadProgress, PlatformName } from "@rbee/payload";
import { sizes } from "@rbee/contract";
import { ensureKeyFile } from "@rbee/settings";
import { sshTargetOf } from "../node-ports.ts";
import type { NodeErrand, RegisteredNode, Ssh, SshTarget } from "../node-ports.ts";
import { assembleForNode } from "./assemble-for-node.ts";
import { createSendMeter } from "./create-send-meter.ts";
import { installFailed } from "./install-failure.ts";
import { lockNode } from "./lock-node.ts";
import { keyScript } from "./node-scripts.ts";
import { openNodeShell } from "./node-shell.ts";
import { probeNode } from "./probe-node.ts";
import type { NodeFacts } from "./probe-node.ts";
import { sendRuntime, sendUnpackProgram } from "./send-runtime.ts";
import type { RoadToNode } from "./send-runtime.ts";
import { tellNode } from "./tell-node.ts";
import { DamagedOnArrival, unpackOnNode } from "./unpack-session.ts";

export interface PayloadWish {
  readonly platform: PlatformName;
  readonly gpu: GpuKind;
  readonly onProgress: (progress: PayloadProgress) => void;
  readonly signal: AbortSignal;
}

export interface InstallWorld {
  readonly ssh: Ssh;
  /** This queen's lasting id: she may take a lock from herself. */
  readonly instanceId: string;
  readonly assemblePayload: (wish: PayloadWish) => Promise<Payload>;
  /** Absolute: where the keys of hives are kept on this machine. */
  readonly keysFolder: string;
}

export interface InstallErrand extends NodeErrand {
  readonly fromGit: boolean;
}

export interface Installed {
  readonly version: string;
  readonly installPath: string;
  /** This very version was in use already, and all of it is as it should be. */
  readonly isUnchanged: boolean;
}

/** Puts rbee on a node; see `NodeInstaller.install`. */
export async function installOnNode(
  world: InstallWorld,
  node: RegisteredNode,
  errand: InstallErrand,
): Promise<Installed> {
  const target = sshTargetOf(node);
  const tell = tellNode(errand, node.name);
  tell("install-connect", [`connecting to ${node.name}`, `🔌 Connecting to ${node.name}`]);
  await world.ssh.connect(target, { story: errand.story, signal: errand.signal });
  const shell = await openNodeShell(world.ssh, target, errand.signal);
  try {
    tell("install-check", [`checking ${node.name}`, `🔍 Checking ${node.name}`]);
    const facts = await probeNode(shell, node);
    const what = `${facts.platform}, ${facts.gpu} (${facts.gpuReason})`;
    tell("install-checked", [`${node.name} is ${what}`, `🖥️ ${node.name} is ${what}`]);
    requireWritable(node.name, facts);
    const payload = await assembleForNode(world, { node: node.name, facts, errand });
    const road = { ssh: world.ssh, target, shell, payload, errand, ...facts };
    return await putPayload(world, facts, road);
  } finally {
    await shell.close();
  }
}

function requireWritable(node: string, { unwritable, installPath }: NodeFacts): void {
  if (unwritable === undefined) return;
  const reason = `The user of the SSH login may not write in ${unwritable}.`;
  throw installFailed(node, { step: `preparing ${installPath}`, reason });
}

async function putPayload(
  world: InstallWorld,
  facts: NodeFacts,
  road: RoadToNode,
): Promise<Installed> {
  const { target, shell, payload, errand, installPath } = road;
  const node = target.name;
  const tell = tellNode(errand, node);
  const lock = await lockNode(shell, { node, installPath, owner: world.instanceId });
  const meter = createSendMeter({
    node,
    onBegin: (bytes) => {
      const megabytes = (bytes / sizes.bytesPerMb).toFixed(1);
      const what = `rbee v${payload.version} to ${node}, ${megabytes} MB that it lacks`;
      tell("install-send", [`sending ${what}`, `📦 Sending ${what}`]);
    },
    onProgress: errand.onProgress,
  });
  const coding = (await isFastRoad(world.ssh, target)) || !facts.hasGzip ? "none" : "gzip";
  const { bytesFree } = facts;
  const runtime = facts.runtime ?? (await sendRuntime({ ...road, meter, coding, bytesFree }));
  const program = await sendUnpackProgram(road);
  const { version, name, files } = payload;
  const request = { installPath, lock, name, version, files };
  const unpack = () => unpackOnNode({ ...road, request, runtime, program, meter });
  const done = await unpack().catch(async (error: unknown) => {
    if (!(error instanceof DamagedOnArrival)) throw error;
    tell("install-again", [`${error.message}; again`, `🩹 ${error.message}; again`]);
    return await unpack();
  });
  await putHiveKey(world, road);
  await requireVersion(road);
  tellDone(road, done);
  return { version, installPath, isUnchanged: done.isUnchanged };
}

function tellDone(
  { payload, target, errand }: RoadToNode,
  { isUnchanged, previous }: { readonly isUnchanged: boolean; readonly previous: string | null },
): void {
  const tell = tellNode(errand, target.name);
  const version = `rbee v${payload.version}`;
  if (isUnchanged) {
    const human = `${version} was there already, every file is as it should be`;
    tell("install-unchanged", [human, `✅ ${human}`]);
  } else if (previous !== null && previous !== payload.name) {
    const human = `${version} is in use on ${target.name}; ${previous} is kept beside it`;
    tell("install-switched", [human, `🔁 ${human}`]);
  }
}

// Nothing is gained by compression where no wire is.
async function isFastRoad(ssh: Ssh, target: SshTarget): Promise<boolean> {
  const { hostName, isBehindJump } = await ssh.resolve(target);
  const isLoopback = hostName === "localhost" || hostName === "::1";
  return !isBehindJump && (isLoopback || (isIPv4(hostName) && hostName.startsWith("127.")));
}

/** The key travels over stdin: nobody there can read it from a command line. */
async function putHiveKey({ keysFolder }: InstallWorld, road: RoadToNode): Promise<void> {
  const { ssh, target, errand } = road;
  const key = ensureKeyFile(join(keysFolder, `${target.name}.key`));
  const run = await ssh.run(target, ["sh", "-c", keyScript], {
    signal: errand.signal,
    input: `${key}\n`,
  });
  if (run.exitCode === 0) return;
  const lastLines = run.stderr.split("\n").filter(Boolean).slice(-5);
  const reason = "The key of the hive cannot be written to ~/.rbee/keys there.";
  throw installFailed(target.name, { step: "writing the key", reason, lastLines });
}

// As whoever starts the hive later will: over SSH, by the launcher.
async function requireVersion({ ssh, target, installPath, payload, errand }: RoadToNode) {
  const program = `${installPath}/bin/rbee-hive`;
  const run = await ssh.run(target, [program, "--version"], { signal: errand.signal });
  if (run.exitCode === 0 && run.stdout.includes(payload.version)) return;
  const lastLines = `${run.stdout}\n${run.stderr}`.split("\n").filter(Boolean).slice(-5);
  const reason = `${program} --version ended with exit code ${run.exitCode}.`;
  throw installFailed(target.name, { step: "verifying the version", reason, lastLines });
}
