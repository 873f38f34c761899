import { Transform } from "node:stream";
import type { Readable } from "node:stream";
import type { Marker } from "./quote-command.ts";

export interface StrippedStream extends Transform {
  /** What came before the marker, as far as it is kept. */
  readonly greeting: () => string;
}

const greetingMaxBytes = 65_536;

/** What follows the marker in `source`; `onBegin` hears of the marker, once. */
export function stripGreeting(
  source: Readable,
  marker: Marker,
  onBegin: () => void,
): StrippedStream {
  const wanted = Buffer.from(marker.line);
  let before = Buffer.alloc(0);
  let hasBegun = false;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (hasBegun) return done(null, chunk);
      before = Buffer.concat([before, chunk]);
      const at = before.indexOf(wanted);
      if (at === -1) {
        // Enough to find a marker that is cut in two, and to say what the other side said.
        before = before.subarray(-greetingMaxBytes);
        return done();
      }
      hasBegun = true;
      const rest = before.subarray(at + wanted.length);
      before = before.subarray(0, at);
      onBegin();
      done(null, rest.length > 0 ? rest : undefined);
    },
  });
  source.pipe(stream);
  // A source that is torn down ends its reader, too.
  source.once("close", () => stream.end());
  return Object.assign(stream, { greeting: () => before.toString("utf8") });
}
