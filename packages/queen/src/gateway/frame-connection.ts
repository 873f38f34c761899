import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { framesContentType, framesHeaders, timings, workerRoutes } from "@rbee/contract";
import { createWorkerClient } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import type { WorkerAddress } from "../ports.ts";
import { FrameChannel } from "./frame-channel.ts";
import { createRecordReader } from "./read-records.ts";
import type { StreamClock } from "./stream-clock.ts";

/** One request's part of a shared connection, and what tells the worker to answer there. */
export interface OpenChannel {
  readonly channel: FrameChannel;
  readonly headers: Readonly<Record<string, string>>;
}

export interface FrameConnection {
  readonly openChannel: () => OpenChannel;
  readonly close: () => void;
}

interface Wire {
  readonly id: string;
  readonly address: WorkerAddress;
  readonly channels: Map<number, FrameChannel>;
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
      const number = channelsOpened;
      const channel = new FrameChannel({
        grant: (bytes) => void grant(wire, number, bytes),
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
  let isOver = false;
  const end = (kind: "broken" | "silent") => {
    if (isOver) return;
    isOver = true;
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
