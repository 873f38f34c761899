import { sizes } from "@rbee/contract";
import { stagingFolderName, unpackProgramPath } from "@rbee/payload";
import type { Payload } from "@rbee/payload";
import type { NodeErrand, Ssh, SshTarget } from "../node-ports.ts";
import type { SendMeter } from "./create-send-meter.ts";
import { installFailed, requireSpace } from "./install-failure.ts";
import {
  appendGzipScript,
  appendScript,
  digestScript,
  keepProgramScript,
  sizeScript,
  writeScript,
} from "./node-scripts.ts";
import { collectTail, lost } from "./node-shell.ts";
import type { NodeShell } from "./node-shell.ts";
import { sendParts } from "./send-stream.ts";
import type { Coding, FilePart } from "./send-stream.ts";

const runtimePath = "runtime/bin/node";
const step = "sending Node.js";

export interface RoadToNode {
  readonly ssh: Ssh;
  readonly target: SshTarget;
  readonly shell: NodeShell;
  /** Absolute, on the node. */
  readonly installPath: string;
  readonly errand: NodeErrand;
}

interface LoadedRoad extends RoadToNode {
  readonly payload: Payload;
}

interface RuntimeInput extends LoadedRoad {
  /** The node can undo what gzip does. */
  readonly hasGzip: boolean;
  readonly meter: SendMeter;
  /** On the disk there, where that is known. */
  readonly bytesFree: number | undefined;
}

/**
 * Puts Node there with nothing but a shell; what an earlier attempt brought is kept. Returns its
 * path. A copy that turns out wrong is sent once more, whole.
 */
export async function sendRuntime(input: RuntimeInput): Promise<string> {
  const { payload, installPath, shell, target } = input;
  const file = requirePayloadFile(payload, runtimePath);
  const program = `${installPath}/${stagingFolderName}/${file.sha256}`;
  const partial = `${program}.partial`;
  for (let attempt = 1; ; attempt += 1) {
    const size = await findSize(input, partial);
    const offset = attempt === 1 && size <= file.sizeBytes ? size : 0;
    if (offset !== size) await runScript(input, 'rm -f -- "$1"', [partial]);
    const bytesLeft = distinctBytes(payload) - offset;
    const { bytesFree = Infinity } = input;
    requireSpace(target.name, { bytesNeeded: bytesLeft, bytesFree });
    input.meter.expect(bytesLeft);
    await appendRest(input, partial, { file, offset });
    const { lines } = await shell.run(digestScript, { words: [installPath, partial] });
    const isRight = lines.some((line) => line === "unknown" || line.startsWith(file.sha256));
    if (isRight) break;
    if (attempt > 1) {
      const reason = "What arrived is not what was sent, twice. Is the disk there sound?";
      throw installFailed(target.name, { step, reason });
    }
  }
  await runScript(input, keepProgramScript, [installPath, partial, program]);
  return program;
}

/** Puts the program that unpacks there; returns its path. */
export async function sendUnpackProgram(road: LoadedRoad): Promise<string> {
  const { ssh, target, installPath, payload, errand } = road;
  const file = requirePayloadFile(payload, unpackProgramPath);
  await runScript(road, sizeScript, [installPath, ""]);
  // Under this name it is a module wherever it lies.
  const path = `${installPath}/${stagingFolderName}/unpack.mjs`;
  const run = await ssh.run(target, ["sh", "-c", writeScript, "sh", path], {
    signal: errand.signal,
    input: payload.open(file),
  });
  if (run.exitCode === 0) return path;
  const lastLines = run.stderr.split("\n").filter(Boolean).slice(-5);
  throw installFailed(target.name, { step, reason: `${path} cannot be written.`, lastLines });
}

function requirePayloadFile(payload: Payload, path: string) {
  const file = payload.files.find((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(`the payload lacks ${path}`);
  return file;
}

async function findSize(road: RoadToNode, path: string): Promise<number> {
  const lines = await runScript(road, sizeScript, [road.installPath, path]);
  return Number(lines.find((line) => line.startsWith("size="))?.slice("size=".length) ?? 0);
}

async function runScript(
  { shell, target }: RoadToNode,
  script: string,
  words: readonly string[],
): Promise<readonly string[]> {
  const { exitCode, lines } = await shell.run(script, { words });
  if (exitCode === 0) return lines;
  throw installFailed(target.name, { step, reason: lines.at(-1) ?? `exit code ${exitCode}` });
}

// Equal files are sent once.
function distinctBytes({ files }: Payload): number {
  const distinct = new Map(files.map(({ sha256, sizeBytes }) => [sha256, sizeBytes]));
  return [...distinct.values()].reduce((sum, bytes) => sum + bytes, 0);
}

// The first piece goes as it is and shows how fast the road is: on a fast one, compression only
// costs time. Measured 2026-11 on one core: gzip takes 70 MB/s.
const sampleBytes = 2 * sizes.bytesPerMb;
const fastBytesPerSecond = 40 * sizes.bytesPerMb;

async function appendRest(input: RuntimeInput, path: string, part: FilePart): Promise<void> {
  const { file, offset } = part;
  if (offset >= file.sizeBytes) return;
  const startedAt = performance.now();
  await append(input, path, { ...part, coding: "none", bytes: sampleBytes });
  const bytesPerSecond = sampleBytes / ((performance.now() - startedAt) / 1000);
  const isWorthIt = input.hasGzip && bytesPerSecond < fastBytesPerSecond;
  if (offset + sampleBytes >= file.sizeBytes) return;
  const coding = isWorthIt ? "gzip" : "none";
  await append(input, path, { file, offset: offset + sampleBytes, coding });
}

interface CodedPart extends FilePart {
  readonly coding: Coding;
}

async function append(input: RuntimeInput, path: string, part: CodedPart): Promise<void> {
  const { ssh, target, payload, errand, meter } = input;
  const { coding } = part;
  const { signal } = errand;
  const script = coding === "gzip" ? appendGzipScript : appendScript;
  const remote = await ssh.start(target, ["sh", "-c", script, "sh", path], { signal });
  const tail = collectTail(remote);
  remote.stdout.resume();
  let failure: unknown;
  await sendParts({ payload, parts: [part], remote, coding, meter, signal }).catch(
    (error: unknown) => {
      failure = error;
      remote.stdin.destroy();
    },
  );
  const end = await remote.ended;
  signal.throwIfAborted();
  if (end.exitCode === 0 && failure === undefined) return;
  const lastLines = tail();
  if (end.exitCode === 255 || end.exitCode === null) throw lost(target, end, lastLines);
  const reason = lastLines.at(-1) ?? `exit code ${end.exitCode}`;
  throw installFailed(target.name, { step, reason, lastLines }, failure);
}
