import { RbeeError, sizes, streamEnd } from "@rbee/contract";

export interface Terminal {
  readonly type: "done" | "error";
  readonly errorCode: string | null;
}

export interface Scan {
  /** The whole frames of what has come so far, byte for byte; undefined when there is none. */
  readonly frames: Uint8Array | undefined;
  readonly tokens: number;
  /** Of the prompt, when the worker told it in this piece. */
  readonly promptTokens: number | undefined;
  readonly terminal: Terminal | undefined;
  /** `[DONE]` came; without a terminal event before it the stream is broken. */
  readonly isOver: boolean;
}

const nothing: Scan = {
  frames: undefined,
  tokens: 0,
  promptTokens: undefined,
  terminal: undefined,
  isOver: false,
};
const frameEnd = Buffer.from("\n\n");
const closingBrace = 0x7d;
// How our own workers write a token; quotes inside a text are escaped, so it cannot be forged.
const tokenStart = Buffer.from('data: {"type":"token"');

/**
 * Cuts a worker's stream into whole frames without decoding them. Token frames are recognised by
 * their first bytes; only the few others are parsed, to see the terminal event. A worker that
 * writes its JSON differently is understood too, only slower.
 */
export function createFrameScanner(): (chunk: Buffer) => Scan {
  let rest: Buffer | undefined;
  let isFinal = false;
  return (chunk) => {
    if (isFinal) return nothing;
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let tokens = 0;
    let start = 0;
    let promptTokens: number | undefined;
    let terminal: Terminal | undefined;
    let isOver = false;
    for (;;) {
      const at = bytes.indexOf(frameEnd, start);
      if (at < 0) break;
      const end = at + frameEnd.length;
      if (isToken(bytes, start, at)) {
        tokens += 1;
      } else {
        const seen = readFrame(bytes.toString("utf8", start, at));
        if (seen === "over") {
          isOver = true;
          break;
        }
        if (seen === "token") tokens += 1;
        else if (seen?.type === "started") ({ promptTokens } = seen);
        else terminal = seen;
      }
      start = end;
      if (terminal !== undefined) break;
    }
    isFinal = isOver || terminal !== undefined;
    rest = isFinal || start === bytes.length ? undefined : bytes.subarray(start);
    if (rest !== undefined) requireBounded(rest);
    const frames = start === 0 ? undefined : bytes.subarray(0, start);
    return { frames, tokens, promptTokens, terminal, isOver };
  };
}

// A frame that was cut in the middle and goes on as something else does not end like one.
function isToken(bytes: Buffer, start: number, frameEndsAt: number): boolean {
  const end = start + tokenStart.length;
  if (end > frameEndsAt || bytes[frameEndsAt - 1] !== closingBrace) return false;
  return bytes.compare(tokenStart, 0, tokenStart.length, start, end) === 0;
}

interface Started {
  readonly type: "started";
  readonly promptTokens: number | undefined;
}

function readFrame(frame: string): "over" | "token" | Started | Terminal | undefined {
  const data = frame
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length).trimStart())
    .join("\n");
  if (data === "") return undefined;
  if (data === streamEnd) return "over";
  const event = parseEvent(data);
  if (event.type === "token") return "token";
  if (event.type === "started") return { type: "started", promptTokens: event.prompt_tokens };
  if (event.type === "done") return { type: "done", errorCode: null };
  if (event.type === "error") return { type: "error", errorCode: event.error?.code ?? null };
  return undefined;
}

interface AnyEvent {
  readonly type?: string;
  readonly prompt_tokens?: number;
  readonly error?: { readonly code?: string };
}

function parseEvent(data: string): AnyEvent {
  try {
    return JSON.parse(data) as AnyEvent;
  } catch (error) {
    throw invalid("a line that is not JSON", error);
  }
}

function requireBounded(rest: Buffer): void {
  if (rest.length > sizes.bodyMaxBytes) throw invalid("an event without an end");
}

function invalid(found: string, cause?: unknown): RbeeError {
  const details = { from: "llm-worker-rbee", expected: "events of JSON", found };
  return new RbeeError("INVALID_RESPONSE", details, { cause });
}
