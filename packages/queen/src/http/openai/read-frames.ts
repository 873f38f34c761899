import { streamEnd } from "@rbee/contract";
import type { TaskEvent } from "@rbee/contract";

export interface FrameReader {
  /**
   * A token and nothing else: its text as JSON with its quotes, one character per byte of its
   * UTF-8. It is handed on as it came.
   */
  readonly onToken: (json: string) => void;
  /** Everything else, and tokens with log probabilities. */
  readonly onEvent: (event: TaskEvent) => void;
}

const dataStart = "data:";
const tokenStart = 'data: {"type":"token","token":';
// The quotes of a text are escaped, so these characters cannot stand inside of one.
const tokenEnd = '","index":';
const frameEnd = "\n\n";

/**
 * Takes whole frames of a task's stream apart: the hot path of a dialect. A token as our workers
 * write it is recognised by its first and last bytes and its text cut out, neither decoded nor
 * parsed; what is written otherwise is parsed.
 */
export function readFrames(frames: string | Uint8Array, reader: FrameReader): void {
  const text = bytesAsText(frames);
  let start = 0;
  for (;;) {
    const end = text.indexOf(frameEnd, start);
    if (end < 0) return;
    const token = findPlainToken(text, start, end);
    if (token === undefined) readEvent(text.slice(start, end), reader);
    else reader.onToken(token);
    start = end + frameEnd.length;
  }
}

/** Each byte of the UTF-8 as one character: what can be cut and joined without decoding it. */
export function bytesAsText(text: string | Uint8Array): string {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The text again, from what `bytesAsText` made of it. */
export function textOfBytes(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function findPlainToken(text: string, start: number, end: number): string | undefined {
  if (!text.startsWith(tokenStart, start)) return undefined;
  const from = start + tokenStart.length;
  const quote = text.indexOf(tokenEnd, from);
  if (quote < 0 || quote >= end || text.charCodeAt(end - 1) !== closingBrace) return undefined;
  for (let at = quote + tokenEnd.length; at < end - 1; at += 1) {
    const code = text.charCodeAt(at);
    if (code < digitZero || code > digitNine) return undefined;
  }
  return text.slice(from, quote + 1);
}

const closingBrace = 0x7d;
const digitZero = 0x30;
const digitNine = 0x39;

function readEvent(frame: string, reader: FrameReader): void {
  const data = frame
    .split("\n")
    .filter((line) => line.startsWith(dataStart))
    .map((line) => line.slice(dataStart.length).trimStart())
    .join("\n");
  if (data === "" || data === streamEnd) return;
  reader.onEvent(JSON.parse(textOfBytes(data)) as TaskEvent);
}
