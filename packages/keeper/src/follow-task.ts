import { RbeeError, timings } from "@rbee/contract";
import type { InferenceDone, TaskEvent, TaskRequest } from "@rbee/contract";
import type { Keeper } from "./keeper.ts";
import type { QueenSession } from "./queen-session.ts";
import { errorFromEvent } from "./remote-error.ts";

export interface TaskInput {
  readonly keeper: Keeper;
  readonly queen: QueenSession;
  readonly request: TaskRequest;
  readonly taskId: string;
  readonly deadline?: Date | undefined;
  /** Ends this task alone when it aborts; without it, what ends the whole command. */
  readonly signal?: AbortSignal;
  /** Receives the text as it comes; the stream waits for it. */
  readonly onText: (text: string) => Promise<void>;
}

export interface TaskResult {
  readonly text: string;
  readonly model: string;
  readonly node: string | null;
  readonly done: InferenceDone;
}

/** A task that did not come to its end, with what there is of its answer. */
export class BrokenTask extends Error {
  override readonly name = "BrokenTask";
  override readonly cause: unknown;
  readonly text: string;
  readonly tokens: number;

  constructor(cause: unknown, answer: { readonly text: string; readonly tokens: number }) {
    super("the task did not come to its end");
    this.cause = cause;
    this.text = answer.text;
    this.tokens = answer.tokens;
  }
}

// Filled in while the stream is read.
interface Answer {
  text: string;
  tokens: number;
  model: string;
  node: string | null;
  done: InferenceDone | undefined;
}

/**
 * Runs a task from its first event to its last. Throws BrokenTask; its cause is REQUEST_CANCELED
 * after an interrupt, which by then the worker has acknowledged, or 5 s have passed.
 */
export async function followTask(input: TaskInput): Promise<TaskResult> {
  const { request } = input;
  const interrupt = input.signal ?? input.keeper.interrupts.signal;
  const answer: Answer = {
    text: "",
    tokens: 0,
    model: request.model ?? "",
    node: request.node ?? null,
    done: undefined,
  };
  const ending = new AbortController();
  let cancelling: Promise<void> | undefined;
  const cancel = () => {
    cancelling = cancelTask(input).finally(() => ending.abort());
  };
  interrupt.addEventListener("abort", cancel, { once: true });
  let failure: unknown;
  try {
    interrupt.throwIfAborted();
    for await (const event of await openStream(input, ending.signal)) {
      if (!interrupt.aborted) await takeEvent(input, answer, event);
    }
  } catch (error) {
    failure = error;
  }
  interrupt.removeEventListener("abort", cancel);
  await cancelling;
  const { done, text, model, node } = answer;
  const isCanceled = interrupt.aborted || done?.stop_reason === "CANCELLED";
  if (isCanceled) throw new BrokenTask(canceled(answer), answer);
  if (failure !== undefined) throw new BrokenTask(causeOf(failure, answer, request), answer);
  if (done === undefined) throw new BrokenTask(closedEarly(answer, request), answer);
  return { text, model, node, done };
}

async function openStream(
  { queen, request, deadline }: TaskInput,
  signal: AbortSignal,
): Promise<AsyncGenerator<TaskEvent, void, void>> {
  const silenceMs = timings.connectionLostMs;
  return await queen.stream("createTask", { body: request, deadline, signal, silenceMs });
}

async function takeEvent(input: TaskInput, answer: Answer, event: TaskEvent): Promise<void> {
  const { story } = input.keeper;
  switch (event.type) {
    case "accepted":
      answer.model = event.model;
      answer.node = event.node ?? answer.node;
      break;
    case "narration":
    case "progress":
      answer.node = event.node ?? answer.node;
      story.show(event);
      break;
    case "token":
      answer.text += event.token;
      answer.tokens += 1;
      await input.onText(event.token);
      break;
    case "done":
      answer.done = event;
      break;
    case "error":
      throw errorFromEvent(event.error);
    case "started":
    case "metrics":
    // The keeper offers no functions, so no model calls one.
    case "tool-call":
      break;
  }
}

async function cancelTask({ keeper, queen, taskId }: TaskInput): Promise<void> {
  try {
    await queen.call("cancelTask", {
      params: { task_id: taskId },
      timeoutMs: timings.cancelTimeoutMs,
      // The command's own signal has aborted already: that is why this is asked.
      signal: undefined,
    });
  } catch {
    const seconds = timings.cancelTimeoutMs / 1000;
    keeper.story.narrate({
      action: "cancel-silent",
      level: "warn",
      human: `the queen did not acknowledge the cancel within ${seconds} s`,
    });
  }
}

function canceled({ tokens }: Answer): RbeeError {
  return new RbeeError("REQUEST_CANCELED", { tokens_generated: tokens });
}

function closedEarly({ tokens }: Answer, request: TaskRequest, cause?: unknown): RbeeError {
  const details = { tokens_generated: tokens, max_tokens: request.max_tokens ?? null };
  return new RbeeError("SSE_CLOSED", details, { cause });
}

// A stream that broke on the way to this keeper is counted here; what the queen says is kept.
function causeOf(failure: unknown, answer: Answer, request: TaskRequest): unknown {
  const hasBegun = answer.tokens > 0;
  if (RbeeError.is(failure, "CONNECTION_LOST") && failure.details.node === undefined) {
    const details = { tokens_generated: answer.tokens, max_tokens: request.max_tokens ?? null };
    return new RbeeError("CONNECTION_LOST", details, { cause: failure });
  }
  if (RbeeError.is(failure, "SSE_CLOSED") && failure.details.node === undefined) {
    return closedEarly(answer, request, failure);
  }
  if (RbeeError.is(failure, "QUEEN_UNREACHABLE") && hasBegun) {
    return closedEarly(answer, request, failure);
  }
  return failure;
}
