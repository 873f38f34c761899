import { randomUUID } from "node:crypto";
import { RbeeError, timings } from "@rbee/contract";
import { buildTaskRequest, messagesOf } from "../build-task-request.ts";
import { defineCommand } from "../define-command.ts";
import type { Input } from "../define-command.ts";
import { AdvisedError } from "../advised-error.ts";
import { switchFlag, textFlag } from "../flags.ts";
import { BrokenTask, followTask } from "../follow-task.ts";
import type { TaskResult } from "../follow-task.ts";
import { generationFlags } from "../generation-flags.ts";
import { createAnswerWriter } from "../output/answer-writer.ts";
import { formatWaitSeconds } from "../output/figures.ts";
import { withQueen } from "../queen-session.ts";
import type { QueenSession } from "../queen-session.ts";
import { readPrompt } from "../read-prompt.ts";
import { reportBrokenTask } from "../report-broken-task.ts";
import { UsageError } from "../usage-error.ts";
import { waitMs } from "../wait.ts";

const commandArguments = {
  prompt: { summary: "what the model is asked; - reads it from stdin", isOptional: true },
} as const;

const commandFlags = {
  prompt: textFlag("text", "the prompt, instead of the argument"),
  ...generationFlags,
  raw: switchFlag("send the prompt as it is, without the model's chat template"),
};

type InferInput = Input<typeof commandArguments, typeof commandFlags>;

export const inferCommand = defineCommand({
  summary: "ask a model; its text goes to stdout as it comes",
  details: "Whatever is missing is started: the queen, the hive, the worker.",
  examples: [
    'rbee-keeper infer "write a short story"',
    "rbee-keeper infer --model hello-bee --max-tokens 20 --prompt hello",
    "cat question.txt | rbee-keeper infer --seed 7 > answer.txt",
  ],
  arguments: commandArguments,
  flags: commandFlags,
  run: async (input) => {
    const { keeper, flags } = input;
    if (flags.raw && flags.system !== undefined) {
      throw new UsageError("--raw sends the prompt alone; --system has no place there");
    }
    const prompt = await readPrompt(keeper.terminal, {
      argument: input.arguments.prompt,
      flag: flags.prompt,
      isRaw: flags.raw,
      signal: keeper.interrupts.signal,
    });
    const { ephemeral: isEphemeral } = flags;
    const result = await withQueen(keeper, (queen) => ask(input, queen, prompt), { isEphemeral });
    await tellResult(input, result);
    return undefined;
  },
});

// `--no-wait`: the queen refuses while all slots are taken, and the keeper asks again.
async function ask(input: InferInput, queen: QueenSession, prompt: string): Promise<TaskResult> {
  const { keeper, flags } = input;
  const delays = flags.noWait ? timings.busyRetryDelaysMs : [];
  for (const delay of delays) {
    try {
      return await askOnce(input, queen, prompt);
    } catch (error) {
      if (!RbeeError.is(error, "ALL_SLOTS_BUSY")) throw error;
      const human = `${error.message.replace(/\.$/, "")}; retrying in ${formatWaitSeconds(delay)}`;
      keeper.story.narrate({ action: "busy-retry", level: "warn", human, cute: `⏳ ${human}` });
      await waitMs(delay, keeper.interrupts.signal);
    }
  }
  try {
    return await askOnce(input, queen, prompt);
  } catch (error) {
    if (!RbeeError.is(error, "ALL_SLOTS_BUSY") || delays.length === 0) throw error;
    throw new AdvisedError(error, { lines: [`Still busy after ${delays.length} retries.`] });
  }
}

async function askOnce(
  input: InferInput,
  queen: QueenSession,
  prompt: string,
): Promise<TaskResult> {
  const { keeper, flags } = input;
  const taskId = randomUUID();
  const content = flags.raw ? { prompt } : { messages: messagesOf(flags.system, prompt) };
  const writer = createAnswerWriter(keeper, { isShown: !keeper.globals.json });
  const { timeout } = flags;
  try {
    return await followTask({
      keeper,
      queen,
      taskId,
      request: buildTaskRequest({ flags, taskId, content }),
      deadline: timeout === undefined ? undefined : new Date(Date.now() + timeout * 1000),
      onText: writer.write,
    });
  } catch (error) {
    if (!(error instanceof BrokenTask)) throw error;
    throw await reportBrokenTask(keeper, error, { taskId, maxTokens: flags.maxTokens });
  } finally {
    await writer.end();
  }
}

async function tellResult({ keeper }: InferInput, result: TaskResult): Promise<void> {
  const { done, text, model, node } = result;
  if (keeper.globals.json) {
    const { type: _type, done: _done, ...figures } = done;
    await keeper.terminal.writeOutput(`${JSON.stringify({ text, model, node, ...figures })}\n`);
  }
  const { total_tokens: tokens, duration_ms: duration, tokens_per_sec: rate } = done;
  const noun = tokens === 1 ? "token" : "tokens";
  keeper.story.tell(`${tokens} ${noun}, ${Math.round(duration)} ms, ${rate.toFixed(1)} tokens/s`);
}
