import type { Narration, ProgressEvent, TaskEvent, TaskRequest } from "@rbee/contract";
import type { ConsoleClient } from "../../state/console-client.ts";
import { timings } from "@rbee/contract";
import { describeFailure, failureFromBody } from "../../parts/describe-failure.ts";
import type { Failure } from "../../parts/describe-failure.ts";
import type { AnswerFigures } from "./conversation.ts";

export interface AnswerProgress {
  readonly text: string;
  readonly lines: readonly Narration[];
  readonly progress: ProgressEvent | undefined;
}

export interface AnswerEnd {
  readonly text: string;
  readonly figures: AnswerFigures;
  readonly failure: Failure | undefined;
}

export interface AskInput {
  readonly request: TaskRequest;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: AnswerProgress) => void;
}

export type AskModel = (input: AskInput) => Promise<AnswerEnd>;

const linesKept = 30;
// Tokens may come faster than a screen can show them: the page is told this often at most.
const tellIntervalMs = 100;

/** Asks a model and follows the answer to its end, whatever that is; never throws. */
export async function askModel(queen: ConsoleClient, input: AskInput): Promise<AnswerEnd> {
  const answer = createAnswer(input.onProgress);
  try {
    const { request, signal } = input;
    const silenceMs = timings.connectionLostMs;
    const events = await queen.stream("createTask", { body: request, signal, silenceMs });
    for await (const event of events) answer.take(event);
    return answer.end();
  } catch (error) {
    const isStopped = input.signal.aborted;
    return answer.end(isStopped ? undefined : describeFailure(error), isStopped);
  } finally {
    answer.close();
  }
}

function createAnswer(onProgress: (progress: AnswerProgress) => void) {
  let text = "";
  let lines: readonly Narration[] = [];
  let progress: ProgressEvent | undefined;
  let node: string | null = null;
  let tokens = 0;
  let firstMs = 0;
  let done: Extract<TaskEvent, { type: "done" }> | undefined;
  let failure: Failure | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // A timer and no animation frame: what comes while nobody looks is kept too.
  const tell = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      onProgress({ text, lines, progress });
    }, tellIntervalMs);
  };
  return {
    take(event: TaskEvent): void {
      if (event.type === "accepted") ({ node } = event);
      if (event.type === "narration") lines = [...lines, event].slice(-linesKept);
      if (event.type === "progress") progress = event;
      if ((event.type === "narration" || event.type === "progress") && event.node !== undefined) {
        ({ node } = event);
      }
      if (event.type === "token") {
        text += event.token;
        tokens += 1;
        if (tokens === 1) firstMs = performance.now();
        progress = undefined;
      }
      if (event.type === "done") done = event;
      if (event.type === "error") failure = failureFromBody(event.error);
      tell();
    },
    end(other?: Failure, isStopped = false): AnswerEnd {
      const ended = isStopped ? "STOPPED" : (done?.stop_reason ?? (other ?? failure)?.code ?? "");
      const figures = {
        node,
        tokens,
        tokensPerSecond: done?.tokens_per_sec ?? rateOf(tokens, performance.now() - firstMs),
        timeToFirstTokenMs: done?.time_to_first_token_ms ?? null,
        ended,
      };
      return { text, figures, failure: other ?? failure };
    },
    close(): void {
      clearTimeout(timer);
    },
  };
}

// Of an answer that was cut off, by this browser's clock; nothing for a handful of tokens.
function rateOf(tokens: number, elapsedMs: number): number {
  return tokens > 4 && elapsedMs > 0 ? ((tokens - 1) * 1000) / elapsedMs : 0;
}
