import type { OpenAiUsage } from "@rbee/contract";
import type { DialectTask } from "../openai-shared/admit-dialect-task.ts";
import { keepInformed } from "../openai-shared/keep-informed.ts";
import { rbeeHeaders } from "../openai-shared/rbee-headers.ts";
import { createChoiceAccount, usageOf } from "./choice-account.ts";
import { createChoiceCollector } from "./collect-choice.ts";
import type { CollectedChoice } from "./collect-choice.ts";
import { runChoices } from "./run-choices.ts";

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

  function listenerOf(index: number) {
    const [account, collector] = [accounts[index], collectors[index]];
    return {
      token: (json: string) => collector?.token(json),
      event(event: Parameters<NonNullable<typeof account>["note"]>[0]) {
        account?.note(event);
        collector?.event(event);
      },
      flush: () => undefined,
    };
  }
}
