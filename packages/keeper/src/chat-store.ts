import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChatMessageOnWire } from "@rbee/contract";

/** One conversation as a file of lines: first what it runs on, then its messages. */
export interface StoredChat {
  readonly path: string;
  readonly model: string;
  readonly messages: readonly ChatMessageOnWire[];
}

const suffix = ".jsonl";

/** A new conversation. Its file is made with its first message; only its owner can read it. */
export function createChat(directory: string, model: string, startedAt: Date): StoredChat {
  // Names sort by time; the random end keeps two chats of one moment apart.
  const time = startedAt.toISOString().replaceAll(/[:.]/g, "-");
  const name = `${time}-${randomUUID().slice(0, 4)}${suffix}`;
  return { path: join(directory, name), model, messages: [] };
}

/** The last conversation, or undefined when there is none. */
export function findLastChat(directory: string): StoredChat | undefined {
  const name = listNames(directory).at(-1);
  return name === undefined ? undefined : readChat(join(directory, name));
}

/** Adds messages at the end, and the first line when the file is new. */
export function appendMessages(
  directory: string,
  chat: StoredChat,
  messages: readonly ChatMessageOnWire[],
): StoredChat {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const head = chat.messages.length === 0 ? [{ model: chat.model }] : [];
  const text = [...head, ...messages].map((line) => `${JSON.stringify(line)}\n`).join("");
  appendFileSync(chat.path, text, { mode: 0o600 });
  return { ...chat, messages: [...chat.messages, ...messages] };
}

function listNames(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(suffix))
      .toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function readChat(path: string): StoredChat {
  const [head, ...rest] = readFileSync(path, "utf8").split("\n").flatMap(parseLine);
  const { model } = (head ?? {}) as { model?: string };
  return { path, model: model ?? "", messages: rest as ChatMessageOnWire[] };
}

// A line that was cut off when the machine went down is left out; the lines before it are whole.
function parseLine(line: string): unknown[] {
  if (line === "") return [];
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
