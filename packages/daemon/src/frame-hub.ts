import type { ServerResponse } from "node:http";
import { framesContentType, RbeeError, sizes, timings } from "@rbee/contract";
import type { FramesGrant } from "@rbee/contract";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { createNodeSink } from "./sse-sink.ts";
import type { SseSink } from "./sse-sink.ts";

/** The connections that event streams share (contract: frames), by the names their readers gave. */
export interface FrameHub {
  /** Answers the request that opens a connection; it stays open until the reader goes. */
  readonly open: (name: string, outgoing: ServerResponse) => Response;
  /** Where the events of one channel go; undefined when there is no such connection. */
  readonly findChannel: (name: string, channel: number) => SseSink | undefined;
  readonly grant: (grant: FramesGrant) => void;
}

interface Connection {
  readonly wire: SseSink;
  readonly channels: Map<number, Channel>;
  pending: string;
}

interface Channel {
  readonly sink: SseSink;
  readonly grant: (takenBytes: number) => void;
}

const keepAliveRecord = "0 0\n";

export function createFrameHub(): FrameHub {
  const connections = new Map<string, Connection>();
  return {
    open(name, outgoing) {
      outgoing.writeHead(200, { "content-type": framesContentType, "cache-control": "no-store" });
      outgoing.flushHeaders();
      const wire = createNodeSink(outgoing);
      const connection: Connection = { wire, channels: new Map(), pending: "" };
      const keepAlive = setInterval(
        () => void wire.write(keepAliveRecord),
        timings.taskKeepAliveMs,
      );
      const leave = () => {
        clearInterval(keepAlive);
        if (connections.get(name) === connection) connections.delete(name);
      };
      connections.set(name, connection);
      wire.closed.addEventListener("abort", leave, { once: true });
      if (wire.closed.aborted) leave();
      return RESPONSE_ALREADY_SENT;
    },
    findChannel(name, number) {
      const connection = connections.get(name);
      if (!isChannel(number) || connection?.channels.has(number) !== false) return undefined;
      const channel = createChannel(connection, number);
      connection.channels.set(number, channel);
      return channel.sink;
    },
    grant({ connection, channel, taken_bytes: takenBytes }) {
      connections.get(connection)?.channels.get(channel)?.grant(takenBytes);
    },
  };
}

// Channel 0 is the connection's own.
function isChannel(number: number): boolean {
  return Number.isSafeInteger(number) && number > 0;
}

function createChannel(connection: Connection, number: number): Channel {
  const { wire } = connection;
  const gone = new AbortController();
  let sentBytes = 0;
  let takenBytes = 0;
  const isFull = () => sentBytes - takenBytes >= sizes.frameWindowBytes;
  let held: PromiseWithResolvers<void> | undefined;
  const resume = () => {
    held?.resolve();
    held = undefined;
  };
  const abort = () => {
    gone.abort(new RbeeError("REQUEST_CANCELED", {}));
    resume();
  };
  wire.closed.addEventListener("abort", abort, { once: true });
  if (wire.closed.aborted) abort();
  return {
    grant(bytes) {
      takenBytes = Math.max(takenBytes, Math.min(bytes, sentBytes));
      if (!isFull()) resume();
    },
    sink: {
      closed: gone.signal,
      write(text) {
        if (text.length === 0 || gone.signal.aborted) return undefined;
        const events = typeof text === "string" ? text : Buffer.from(text).toString();
        const bytes = Buffer.byteLength(events);
        append(connection, `${number} ${bytes}\n${events}`);
        sentBytes += bytes;
        if (!isFull()) return undefined;
        held ??= Promise.withResolvers();
        return held.promise;
      },
      end() {
        wire.closed.removeEventListener("abort", abort);
        connection.channels.delete(number);
      },
    },
  };
}

// What all channels write in one turn leaves in one piece: the tokens of a step, without waiting.
function append(connection: Connection, record: string): void {
  const isFirst = connection.pending === "";
  connection.pending += record;
  if (isFirst) process.nextTick(flush, connection);
}

function flush(connection: Connection): void {
  const { pending } = connection;
  connection.pending = "";
  void connection.wire.write(pending);
}
