import type { OpenAiUsage } from "@rbee/contract";
import type { DialectTask } from "../openai-shared/admit-dialect-task.ts";
import { keepInformed } from "../openai-shared/keep-informed.ts";
import { rbeeHeaders } from "../openai-shared/rbee-headers.ts";
import { createChoiceAccount, usageOf } from "./choice-account.ts";
import { createChoiceCollector } from "./create-choice-collector.ts";
import type { CollectedChoice } from "./create-choice-collector.ts";
import { runChoices } from "./run-choices.ts";
import type { ChoiceListener } from "./run-choices.ts";

interface WaitingCall {
  readonly signal: AbortSignal;
  readonly inform: (headers: Readonly<Record<string, string>>) => void;
  readonly setHeader: (name: string, value: string) => void;
}

interface ChoiceCollection {
  readonly call: WaitingCall;
  readonly tasks: readonly DialectTask[];
  readonly choicesPerPrompt: number;
}

export interface CollectedChoices {
  readonly choices: readonly CollectedChoice[];
  readonly usage: OpenAiUsage;
}

/** Waits for all choices; whatever becomes of them, the answer's headers say where they were. */
export async function collectChoices(asked: ChoiceCollection): Promise<CollectedChoices> {
  const { call, tasks, choicesPerPrompt } = asked;
  const accounts = tasks.map(createChoiceAccount);
  const collectors = tasks.map(createChoiceCollector);
  const listenerOf = (_task: DialectTask, index: number): ChoiceListener => ({
    token: (json) => collectors[index]?.token(json),
    event(event) {
      accounts[index]?.note(event);
      collectors[index]?.event(event);
    },
    flush: () => undefined,
  });
  try {
    await keepInformed(call, {
      isWarm: tasks.every(({ outlook }) => outlook.workerId !== undefined),
      headers: () => rbeeHeaders(tasks),
      work: () => runChoices({ tasks, signal: call.signal, listenerOf }),
    });
  } finally {
    for (const [name, value] of Object.entries(rbeeHeaders(tasks))) call.setHeader(name, value);
  }
  const choices = collectors.map((collector) => collector.collected());
  return { choices, usage: usageOf(accounts, choicesPerPrompt) };
}
