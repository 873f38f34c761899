import { Readable } from "node:stream";
import type { GpuKind, Payload, PayloadProgress, PlatformName } from "@rbee/payload";
import { unpackProgramPath } from "@rbee/payload";
import { sizes } from "@rbee/contract";
import { sshTargetOf } from "../node-ports.ts";
import type { NodeErrand, RegisteredNode, Ssh } from "../node-ports.ts";
import { assembleForNode } from "./assemble-for-node.ts";
import { buildOnNode } from "./build-on-node.ts";
import { createSendMeter } from "./create-send-meter.ts";
import { putHiveKey, requireVersion } from "./finish-install.ts";
import { installFailed } from "./install-failure.ts";
import { lockNode } from "./lock-node.ts";
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
  /** `[remote] git_repo_dir`: a clone that is there already, on every node. */
  readonly cloneFolder?: () => string | undefined;
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
    requireUsablePath(node.name, facts);
    const road = { ssh: world.ssh, target, shell, errand, installPath: facts.installPath };
    const done = errand.fromGit
      ? await installFromGit(world, { node, facts, road })
      : await installPayload(world, { node, facts, road });
    await putHiveKey(world, road);
    await requireVersion(road, done.version);
    tellDone(road, done);
    const { version, isUnchanged } = done;
    return { version, installPath: facts.installPath, isUnchanged };
  } finally {
    await shell.close();
  }
}

// Node.js finds no module in a path with a backslash.
function requireUsablePath(node: string, { unwritable, installPath }: NodeFacts): void {
  const step = `preparing ${installPath}`;
  if (installPath.includes("\\")) {
    const reason = "Node.js runs no program from a path with a backslash; use another one.";
    const lastLines = [`rbee-keeper setup update-node --name ${node} --install-path <path>`];
    throw installFailed(node, { step, reason, lastLines });
  }
  if (unwritable === undefined) return;
  const reason = `The user of the SSH login may not write in ${unwritable}.`;
  throw installFailed(node, { step, reason });
}

interface Installing {
  readonly node: RegisteredNode;
  readonly facts: NodeFacts;
  readonly road: RoadToNode;
}

interface InstalledVersion {
  readonly version: string;
  readonly name: string;
  readonly isUnchanged: boolean;
  readonly previous: string | null;
}

async function installPayload(
  world: InstallWorld,
  { node: { name: node }, facts, road }: Installing,
): Promise<InstalledVersion> {
  const { shell, errand, installPath } = road;
  const tell = tellNode(errand, node);
  const payload = await assembleForNode(world, { node, facts, errand });
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
  const { bytesFree, hasGzip } = facts;
  const load = { ...road, payload, meter };
  const runtime = facts.runtime ?? (await sendRuntime({ ...load, hasGzip, bytesFree }));
  const program = await sendUnpackProgram(load);
  const { version, name, files } = payload;
  const request = { installPath, lock, name, version, files };
  const unpack = () => unpackOnNode({ ...load, request, runtime, program });
  const done = await unpack().catch(async (error: unknown) => {
    if (!(error instanceof DamagedOnArrival)) throw error;
    tell("install-again", [`${error.message}; again`, `🩹 ${error.message}; again`]);
    return await unpack().catch((again: unknown) => {
      if (!(again instanceof DamagedOnArrival)) throw again;
      const reason = `What arrives is not what was announced, twice. Is ${payload.root} damaged?`;
      throw installFailed(node, { step: "receiving", reason }, again);
    });
  });
  return { ...done, version, name };
}

async function installFromGit(
  { instanceId, cloneFolder }: InstallWorld,
  { node, facts, road }: Installing,
): Promise<InstalledVersion> {
  const { shell, errand, installPath } = road;
  const lock = await lockNode(shell, { node: node.name, installPath, owner: instanceId });
  const built = await buildOnNode({ node, facts, shell, errand, cloneFolder: cloneFolder?.() });
  const { root: from, version, name, files } = built;
  const nothing = { files: [], open: () => Readable.from([]) };
  const done = await unpackOnNode({
    ...road,
    payload: nothing,
    meter: createSendMeter({ node: node.name, onBegin: () => {}, onProgress: errand.onProgress }),
    request: { installPath, lock, name, version, files, from },
    runtime: `${from}/runtime/bin/node`,
    program: `${from}/${unpackProgramPath}`,
  });
  return { ...done, version, name };
}

function tellDone(
  { target, errand }: RoadToNode,
  { version, name, isUnchanged, previous }: InstalledVersion,
): void {
  const tell = tellNode(errand, target.name);
  if (isUnchanged) {
    const human = `rbee v${version} was there already, every file is as it should be`;
    tell("install-unchanged", [human, `✅ ${human}`]);
  } else if (previous !== null && previous !== name) {
    const human = `rbee v${version} is in use on ${target.name}; ${previous} is kept beside it`;
    tell("install-switched", [human, `🔁 ${human}`]);
  }
}
