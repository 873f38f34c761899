import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { framesContentType, framesHeaders, sizes, timings, workerRoutes } from "@rbee/contract";
import { createWorkerClient } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import type { WorkerAddress } from "../ports.ts";
import { createRecordReader } from "./read-records.ts";
import type { StreamClock } from "./stream-clock.ts";
import type { Upstream, UpstreamListener } from "./upstream.ts";

/** One request's part of a shared connection. */
export interface FrameChannel {
  /** What tells the worker to answer here. */
  readonly headers: Readonly<Record<string, string>>;
  /** The worker agreed; `cancel` tells it that nobody wants the rest. */
  readonly read: (cancel: () => void) => Upstream;
  /** Nothing comes here any more. */
  readonly close: () => void;
}

export interface FrameConnection {
  readonly openChannel: () => FrameChannel;
  readonly close: () => void;
}

interface Wire {
  readonly id: string;
  readonly address: WorkerAddress;
  readonly channels: Map<number, ChannelEnd>;
}

interface ChannelEnd {
  readonly take: (bytes: Buffer) => void;
  readonly lose: (kind: "broken" | "silent") => void;
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
  const wire: Wire = { id, address: input.address, channels: new Map() };
  let channelsOpened = 0;
  const end = followRecords(response, wire, input);
  return {
    openChannel() {
      channelsOpened += 1;
      return createChannel(wire, channelsOpened);
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
  let isOver = false;
  const end = (kind: "broken" | "silent") => {
    if (isOver) return;
    isOver = true;
    liveness.stop();
    response.destroy();
    onClose();
    for (const channel of [...wire.channels.values()]) channel.lose(kind);
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

function createChannel(wire: Wire, number: number): FrameChannel {
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  let listener: UpstreamListener | undefined;
  let lost: "broken" | "silent" | undefined;
  let isHeld = false;
  let owedBytes = 0;

  const close = () => void wire.channels.delete(number);
  // What a slow reader has not taken yet is not granted anew.
  const settle = () => {
    if (isHeld || owedBytes < sizes.frameWindowBytes / 2) return;
    const bytes = Math.min(owedBytes, sizes.frameWindowBytes);
    owedBytes -= bytes;
    void grant(wire, number, bytes);
  };
  const deliver = (bytes: Buffer) => {
    owedBytes += bytes.length;
    listener?.onBytes(bytes);
    settle();
  };
  const catchUp = () => {
    while (!isHeld && listener !== undefined && waiting.length > 0) {
      const bytes = waiting.shift() as Buffer;
      waitingBytes -= bytes.length;
      deliver(bytes);
    }
    if (lost !== undefined && waiting.length === 0) listener?.onClose(lost);
  };
  wire.channels.set(number, {
    take(bytes) {
      if (!isHeld && listener !== undefined && waiting.length === 0) {
        deliver(bytes);
        return;
      }
      waitingBytes += bytes.length;
      // A worker keeps to its window, give or take the event that reached over it.
      if (waitingBytes > sizes.frameWindowBytes + sizes.bodyMaxBytes) {
        throw new Error("the worker sends more than it may");
      }
      waiting.push(Buffer.from(bytes));
    },
    lose(kind) {
      lost = kind;
      catchUp();
    },
  });
  return {
    headers: { [framesHeaders.connection]: wire.id, [framesHeaders.channel]: String(number) },
    close,
    read: (cancel) => ({
      // The shared connection is watched for all.
      tellsSilence: true,
      listen(next) {
        listener = next;
        catchUp();
      },
      isHeld: () => isHeld,
      hold(wait) {
        isHeld = true;
        void wait.then(() => {
          isHeld = false;
          settle();
          catchUp();
        });
      },
      leave: close,
      abandon() {
        close();
        listener = undefined;
        cancel();
        // A worker that waits for this reader is let go on to its end.
        void grant(wire, number, sizes.frameWindowBytes);
      },
    }),
  };
}

// Lost with the connection or the worker, and then of no interest.
async function grant({ id, address }: Wire, channel: number, bytes: number): Promise<void> {
  const client = createWorkerClient({
    baseUrl: address.url,
    key: () => address.apiKey,
    fetch: nodeFetch,
  });
  const body = { connection: id, channel, bytes };
  await client.call("grantFrames", { body, timeoutMs: timings.cancelTimeoutMs }).catch(() => {});
}
