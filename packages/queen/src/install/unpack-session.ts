import { createInterface } from "node:readline";
import { unpackMark } from "@rbee/payload";
import type { Payload, UnpackEvent, UnpackRequest, WantedFile } from "@rbee/payload";
import type { RemoteProcess, Ssh, SshTarget } from "../node-ports.ts";
import { collectTail, lost } from "./node-shell.ts";
import { insufficientDisk, installFailed, requireSpace } from "./install-failure.ts";
import type { UnpackFailed } from "./install-failure.ts";
import type { SendMeter } from "./create-send-meter.ts";
import { sendParts } from "./send-stream.ts";
import type { NodeErrand } from "../node-ports.ts";

type Done = Extract<UnpackEvent, { readonly event: "done" }>;
type Want = Extract<UnpackEvent, { readonly event: "want" }>;

interface SessionInput {
  readonly ssh: Ssh;
  readonly target: SshTarget;
  readonly payload: Pick<Payload, "files" | "open">;
  readonly request: UnpackRequest;
  /** On the node: Node, and the program that unpacks. */
  readonly runtime: string;
  readonly program: string;
  readonly meter: SendMeter;
  readonly errand: NodeErrand;
}

/** What arrived there is not what was sent; the wrong part is dropped, so another try may do. */
export class DamagedOnArrival extends Error {
  override readonly name = "DamagedOnArrival";
}

/** Lets the node unpack a version: sends what it wants. Throws INSUFFICIENT_DISK, INSTALL_FAILED. */
export async function unpackOnNode(input: SessionInput): Promise<Done> {
  const { ssh, target, runtime, program, request, errand } = input;
  const remote = await ssh.start(target, [runtime, program], { signal: errand.signal });
  const tail = collectTail(remote);
  remote.stdin.write(`${JSON.stringify(request)}\n`);
  const state: Sending = { done: Promise.resolve(), want: undefined };
  try {
    for await (const event of readEvents(remote)) {
      if (event.event === "done") return event;
      if (event.event === "failed") throw await failureOf(event, target.name, state);
      if (event.event === "want") {
        state.want = event;
        state.done = answerWant(input, remote, event);
        // The other end then says why it has no more, or hears from this end that there is none.
        state.done.catch(() => remote.stdin.end());
      } else tellStep(event.event, input);
    }
    errand.signal.throwIfAborted();
    const end = await remote.ended;
    if (end.exitCode === 255 || end.exitCode === null) throw lost(target, end, tail());
    const reason = `The program that unpacks ended with exit code ${end.exitCode}.`;
    throw installFailed(target.name, { step: "unpacking", reason, lastLines: tail() });
  } finally {
    remote.kill();
    await state.done.catch(() => {});
  }
}

interface Sending {
  want: Want | undefined;
  done: Promise<void>;
}

async function answerWant(
  { payload, target, errand, meter }: SessionInput,
  remote: RemoteProcess,
  { files, bytesMissing, bytesFree }: Want,
): Promise<void> {
  requireSpace(target.name, { bytesNeeded: bytesMissing, bytesFree });
  if (files.length === 0) {
    remote.stdin.end();
    return;
  }
  meter.expect(bytesMissing);
  const parts = files.map((wanted) => ({ file: requireFile(payload, wanted), ...wanted }));
  await sendParts({ payload, parts, remote, coding: "zstd", meter, signal: errand.signal });
  meter.finish();
}

function requireFile(payload: Pick<Payload, "files">, { sha256 }: WantedFile) {
  const file = payload.files.find((candidate) => candidate.sha256 === sha256);
  if (file === undefined) throw new Error("the node wants a file that the payload does not have");
  return file;
}

function tellStep(event: "placing" | "trying", { errand, target, request }: SessionInput): void {
  const tell = (action: string, human: string, cute: string) =>
    errand.story({ type: "tell", line: { action, target: target.name, human, cute } });
  if (event === "placing") {
    const what = `rbee v${request.version} on ${target.name}`;
    tell("install-unpack", `unpacking ${what}`, `📂 Unpacking ${what}`);
  } else {
    const what = `rbee v${request.version} on ${target.name}`;
    tell("install-verify", `verifying ${what}`, `🔎 Verifying ${what}`);
  }
}

async function* readEvents(remote: RemoteProcess): AsyncGenerator<UnpackEvent, void, void> {
  for await (const line of createInterface({ input: remote.stdout })) {
    if (line.startsWith(unpackMark)) yield JSON.parse(line.slice(unpackMark.length)) as UnpackEvent;
  }
}

async function failureOf(failed: UnpackFailed, node: string, sending: Sending): Promise<Error> {
  if (failed.kind === "damaged") return new DamagedOnArrival(failed.reason);
  // What it missed is missing for a reason of ours.
  if (failed.kind === "cut") await sending.done;
  if (failed.kind === "disk-full") {
    const { bytesMissing = 0, bytesFree = 0 } = sending.want ?? {};
    return insufficientDisk(node, { bytesNeeded: bytesMissing, bytesFree });
  }
  return installFailed(node, failed);
}
