import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { bundledModelReference, RbeeError } from "@rbee/contract";
import type { ChatMessageOnWire } from "@rbee/contract";
import { buildTaskRequest } from "../build-task-request.ts";
import { appendMessages, createChat, findLastChat } from "../chat-store.ts";
import type { StoredChat } from "../chat-store.ts";
import { defineCommand } from "../define-command.ts";
import type { ArgumentSet, Input } from "../define-command.ts";
import { switchFlag, textFlag } from "../flags.ts";
import { BrokenTask, followTask } from "../follow-task.ts";
import { generationFlags } from "../generation-flags.ts";
import type { Keeper } from "../keeper.ts";
import { createAnswerWriter } from "../output/answer-writer.ts";
import { countOf } from "../output/figures.ts";
import { reportFailure } from "../output/report-failure.ts";
import { withQueen } from "../queen-session.ts";
import type { QueenSession } from "../queen-session.ts";
import { readTurns } from "../read-turns.ts";
import { reportBrokenTask } from "../report-broken-task.ts";

const commandFlags = {
  ...generationFlags,
  model: textFlag("reference", "the model", { shownDefault: bundledModelReference }),
  resume: switchFlag("go on with the last conversation"),
};

const noArguments: ArgumentSet = {};

type ChatInput = Input<typeof noArguments, typeof commandFlags>;

export const chatCommand = defineCommand({
  summary: "a conversation in the terminal",
  details: "Ctrl+C stops an answer, Ctrl+D leaves. With a pipe on stdin each line is a turn.",
  examples: [
    "rbee-keeper chat",
    "rbee-keeper chat --resume",
    "rbee-keeper chat --system 'Be brief.'",
  ],
  arguments: noArguments,
  flags: commandFlags,
  run: async (input) => {
    const { keeper, flags } = input;
    const directory = join(keeper.configuration().paths.home, "chats");
    const chat = openChat(input, directory);
    const { ephemeral: isEphemeral } = flags;
    await withQueen(keeper, (queen) => converse({ input, queen, directory, chat }), {
      isEphemeral,
    });
    return undefined;
  },
});

function openChat({ keeper, flags }: ChatInput, directory: string): StoredChat {
  const last = flags.resume ? findLastChat(directory) : undefined;
  if (last !== undefined) {
    const count = countOf(last.messages.length, "message");
    keeper.story.narrate({ action: "chat-resumed", human: `going on after ${count}` });
    return flags.model === undefined ? last : { ...last, model: flags.model };
  }
  if (flags.resume) {
    keeper.story.narrate({ action: "chat-new", human: "no conversation to resume; a new one" });
  }
  return createChat(directory, flags.model ?? bundledModelReference, new Date());
}

interface Conversation {
  readonly input: ChatInput;
  readonly queen: QueenSession;
  readonly directory: string;
  readonly chat: StoredChat;
}

async function converse({ input, queen, directory, chat: opened }: Conversation): Promise<void> {
  const { keeper, flags } = input;
  const { terminal, interrupts } = keeper;
  let chat = opened;
  for await (const text of readTurns(terminal, interrupts.signal)) {
    const isFirst = chat.messages.length === 0;
    const system = isFirst && flags.system !== undefined ? [systemMessage(flags.system)] : [];
    const asked = [...system, { role: "user", content: text } as const];
    try {
      const answer = await answerTurn(input, queen, {
        ...chat,
        messages: [...chat.messages, ...asked],
      });
      const said = { role: "assistant", content: answer } as const;
      if (answer !== "") chat = appendMessages(directory, chat, [...asked, said]);
    } catch (error) {
      interrupts.signal.throwIfAborted();
      // A person can try again; a script cannot.
      if (!terminal.isInputTerminal) throw error;
      reportFailure(keeper, error);
    }
  }
  interrupts.signal.throwIfAborted();
}

function systemMessage(content: string): ChatMessageOnWire {
  return { role: "system", content };
}

// The whole answer, or what there was of it when the person stopped it.
async function answerTurn(
  input: ChatInput,
  queen: QueenSession,
  chat: StoredChat,
): Promise<string> {
  const { keeper } = input;
  let { messages } = chat;
  for (;;) {
    try {
      return await askModel(input, queen, { ...chat, messages });
    } catch (error) {
      const shorter = withoutOldestTurn(messages);
      if (!RbeeError.is(error, "CONTEXT_EXCEEDED") || shorter === undefined) throw error;
      messages = shorter;
      keeper.story.narrate({
        action: "chat-shortened",
        level: "warn",
        human: "the conversation is longer than the context: leaving out its oldest turn",
      });
    }
  }
}

async function askModel(
  { keeper, flags }: ChatInput,
  queen: QueenSession,
  { messages, model }: StoredChat,
): Promise<string> {
  const taskId = randomUUID();
  const stop = new AbortController();
  const release = keeper.interrupts.takeOver(() => stop.abort());
  const writer = createAnswerWriter(keeper, { isShown: !keeper.globals.json });
  const { timeout } = flags;
  try {
    const { text } = await followTask({
      keeper,
      queen,
      taskId,
      request: buildTaskRequest({ flags: { ...flags, model }, taskId, content: { messages } }),
      deadline: timeout === undefined ? undefined : new Date(Date.now() + timeout * 1000),
      signal: AbortSignal.any([stop.signal, keeper.interrupts.signal]),
      onText: writer.write,
    });
    await endAnswer(keeper, text);
    return text;
  } catch (error) {
    if (!(error instanceof BrokenTask)) throw error;
    if (!stop.signal.aborted) {
      throw await reportBrokenTask(keeper, error, { taskId, maxTokens: flags.maxTokens });
    }
    await writer.end();
    keeper.terminal.writeError("Canceled.\n");
    return error.text;
  } finally {
    release();
    await writer.end();
  }
}

// Answers in a pipe need something between them.
async function endAnswer({ terminal, globals }: Keeper, text: string): Promise<void> {
  if (globals.json) await terminal.writeOutput(`${JSON.stringify({ text })}\n`);
  else if (!terminal.isOutputTerminal && !text.endsWith("\n")) await terminal.writeOutput("\n");
}

// The system message stays; the question that was just asked stays.
function withoutOldestTurn(
  messages: readonly ChatMessageOnWire[],
): readonly ChatMessageOnWire[] | undefined {
  const start = messages[0]?.role === "system" ? 1 : 0;
  if (messages.length - start <= 1) return undefined;
  const next = messages.findIndex((message, index) => index > start && message.role === "user");
  return next === -1 ? undefined : [...messages.slice(0, start), ...messages.slice(next)];
}
