import type { TaskEvent } from "@rbee/contract";
import type { AnswerHead } from "./answer-head.ts";
import { bytesAsText } from "./read-frames.ts";

/**
 * Says one choice in a dialect: frames of the client's stream for what its task tells, or nothing.
 * All texts are bytes as `bytesAsText` gives them.
 */
export interface ChoiceVoice {
  /** A token without anything else, its text as JSON. */
  readonly token: (json: string) => string;
  readonly event: (event: TaskEvent) => string;
}

export interface VoiceOptions {
  readonly head: AnswerHead;
  readonly index: number;
  /** The stream ends with its usage, so that all other events say null. */
  readonly hasUsage: boolean;
}

/** One event of a stream in OpenAI's form. */
export function encodeFrame(event: object): string {
  return bytesAsText(`data: ${JSON.stringify(event)}\n\n`);
}

/** What every event of a choice has beside the choice. */
export function usageField({ hasUsage }: VoiceOptions): { usage?: null } {
  return hasUsage ? { usage: null } : {};
}
