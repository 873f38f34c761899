import { RbeeError, sizes } from "@rbee/contract";
import type { Terminal } from "./output/terminal.ts";
import { UsageError } from "./usage-error.ts";

interface PromptSources {
  readonly argument: string | undefined;
  readonly flag: string | undefined;
  /** Raw text is sent to the last byte; otherwise the line end of `echo` is no part of a prompt. */
  readonly isRaw: boolean;
  readonly signal: AbortSignal;
}

/** The prompt from the argument, from --prompt, or from stdin when it is piped or asked for. */
export async function readPrompt(terminal: Terminal, sources: PromptSources): Promise<string> {
  const { argument, flag, isRaw, signal } = sources;
  if (argument !== undefined && flag !== undefined) {
    throw new UsageError("the prompt is given twice, as argument and as --prompt");
  }
  const given = argument ?? flag;
  if (given !== undefined && given !== "-") return requireText(given);
  if (given === undefined && terminal.isInputTerminal) throw new UsageError("no prompt is given");
  const text = await readAll(terminal, signal);
  return requireText(isRaw ? text : text.replace(/\r?\n$/, ""));
}

function requireText(text: string): string {
  if (text.trim() === "") throw new UsageError("the prompt is empty");
  return text;
}

async function readAll({ input }: Terminal, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const stop = () => input.destroy(new Error("interrupted"));
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of input) {
      const bytes = Buffer.from(chunk as Uint8Array | string);
      chunks.push(bytes);
      length += bytes.length;
      if (length > sizes.bodyMaxBytes) {
        throw new RbeeError("PAYLOAD_TOO_LARGE", { limit_bytes: sizes.bodyMaxBytes });
      }
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return Buffer.concat(chunks).toString("utf8");
}
