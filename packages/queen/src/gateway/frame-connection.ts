import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { framesContentType, framesHeaders, timings, workerRoutes } from "@rbee/contract";
import { createWorkerClient } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import type { WorkerAddress } from "../ports.ts";
import { FrameChannel } from "./frame-channel.ts";
import { createRecordReader } from "./read-records.ts";
import { silenceCheckMs } from "./stream-clock.ts";
import type { StreamClock } from "./stream-clock.ts";

/** One request's part of a shared connection, and what tells the worker to answer there. */
export interface OpenChannel {
  readonly channel: FrameChannel;
  readonly headers: Readonly<Record<string, string>>;
}

export interface FrameConnection {
  /** Undefined once the connection is gone. */
  readonly openChannel: () => OpenChannel | undefined;
  readonly close: () => void;
}

interface Wire {
  readonly id: string;
  readonly address: WorkerAddress;
  readonly channels: Map<number, FrameChannel>;
  isOver: boolean;
}

interface OpenInput {
  readonly address: WorkerAddress;
  readonly clock: StreamClock;
  readonly onClose: () => void;
}

/** Opens the connection that a worker's streams can share; undefined when it offers none. */
export async function openFrameConnection(input: OpenInput): Promise<FrameConnection | undefined> {
  const id = randomUUID();
  const response = await askForFrames(input.address, id);
  if (response === undefined) return undefined;
  const wire: Wire = { id, address: input.address, channels: new Map(), isOver: false };
  let channelsOpened = 0;
  const end = followRecords(response, wire, input);
  return {
    openChannel() {
      if (wire.isOver) return undefined;
      channelsOpened += 1;
      const number = channelsOpened;
      const channel = new FrameChannel({
        grant: createGrant(wire, number),
        onClose: () => void wire.channels.delete(number),
      });
      wire.channels.set(number, channel);
      const headers = {
        [framesHeaders.connection]: id,
        [framesHeaders.channel]: String(number),
      };
      return { channel, headers };
    },
    close: () => end("broken"),
  };
}

async function askForFrames(
  { url, apiKey }: WorkerAddress,
  id: string,
): Promise<IncomingMessage | undefined> {
  const sent = httpRequest(`${url}${workerRoutes.frames.path}?connection=${id}`, {
    agent: false,
    headers: { authorization: `Bearer ${apiKey}` },
  });
  const limit = setTimeout(() => sent.destroy(), timings.connectionLostMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.once("response", resolve).once("error", reject).end();
    });
    const isOffered =
      response.statusCode === 200 && response.headers["content-type"] === framesContentType;
    if (isOffered) return response;
    response.destroy();
    return undefined;
  } catch {
    // Whoever asked goes the plain road and learns there what is wrong.
    return undefined;
  } finally {
    clearTimeout(limit);
    sent.on("error", () => {});
  }
}

function followRecords(
  response: IncomingMessage,
  wire: Wire,
  { clock, onClose }: OpenInput,
): (kind: "broken" | "silent") => void {
  const read = createRecordReader((channel, bytes) => wire.channels.get(channel)?.take(bytes));
  const end = (kind: "broken" | "silent") => {
    if (wire.isOver) return;
    wire.isOver = true;
    liveness.stop();
    response.destroy();
    onClose();
    for (const channel of wire.channels.values()) channel.lose(kind);
    wire.channels.clear();
  };
  const liveness = clock.watch({
    tokenStallMs: Number.POSITIVE_INFINITY,
    watchesSilence: true,
    isHeld: () => false,
    onEnd: () => end("silent"),
  });
  response.on("error", () => {});
  response.on("close", () => end("broken"));
  if (response.destroyed) end("broken");
  response.on("data", (chunk: Buffer) => {
    liveness.noteBytes();
    try {
      read(chunk);
    } catch {
      end("broken");
    }
  });
  return end;
}

// One at a time, the newest figure, and until it has arrived: the generation waits for it.
function createGrant(wire: Wire, channel: number): (takenBytes: number) => void {
  let wantedBytes = 0;
  let isSending = false;
  const send = async () => {
    let grantedBytes = 0;
    while (grantedBytes < wantedBytes) {
      const takenBytes = wantedBytes;
      if (await grant(wire, channel, takenBytes)) grantedBytes = takenBytes;
      else if (wire.channels.has(channel)) await wait(silenceCheckMs, undefined, { ref: false });
      else break;
    }
    isSending = false;
  };
  return (takenBytes) => {
    wantedBytes = Math.max(wantedBytes, takenBytes);
    if (isSending) return;
    isSending = true;
    void send();
  };
}

async function grant({ id, address }: Wire, channel: number, takenBytes: number): Promise<boolean> {
  const client = createWorkerClient({
    baseUrl: address.url,
    key: () => address.apiKey,
    fetch: nodeFetch,
  });
  const body = { connection: id, channel, taken_bytes: takenBytes };
  const timeoutMs = timings.cancelTimeoutMs;
  return await client.call("grantFrames", { body, timeoutMs }).then(
    () => true,
    () => false,
  );
}
