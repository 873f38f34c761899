import { randomUUID } from "node:crypto";
import { errorToWire } from "@rbee/contract";
import type { ResponseEvent, ResponseResult, TaskEvent } from "@rbee/contract";
import type { SseWriter } from "@rbee/daemon";
import type { HttpWorld, QueenHandler } from "../http-world.ts";
import { textOfBytes } from "../openai/read-frames.ts";
import { renameFields } from "../openai/rename-fields.ts";
import { runChoices } from "../openai/run-choices.ts";
import type { ChoiceListener } from "../openai/run-choices.ts";
import { admitDialectTask } from "../openai-shared/admit-dialect-task.ts";
import type { DialectTask } from "../openai-shared/admit-dialect-task.ts";
import { keepInformed } from "../openai-shared/keep-informed.ts";
import { rbeeHeaders } from "../openai-shared/rbee-headers.ts";
import { storyComment } from "../openai-shared/story-comment.ts";
import { createResponseStory } from "./create-response-story.ts";
import type { ResponseStory } from "./create-response-story.ts";
import { describeResponse } from "./describe-response.ts";
import { responseToTask } from "./response-to-task.ts";

type Handler = QueenHandler<"createResponse">;
type ResponseCall = Parameters<Handler>[0];

interface Asked {
  readonly call: ResponseCall;
  readonly task: DialectTask;
}

/** OpenAI's Responses API over a task of ours; the id of the response is the task's. */
export function createResponse(world: HttpWorld): Handler {
  return async (call) => {
    const taskId = `resp_${randomUUID().replaceAll("-", "")}`;
    const request = responseToTask(call.body);
    call.setHeader("x-request-id", call.correlationId);
    const task = await admitDialectTask(world, { taskId, call, request });
    const asked = { call, task };
    if (call.body.stream !== true) return await answerWhole(asked);
    const headers = rbeeHeaders([task]);
    return call.stream((writer) => tellResponse(asked, writer), { headers });
  };
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

function openStory({ call, task }: Asked, emit: (event: ResponseEvent) => void): ResponseStory {
  const head = describeResponse(call.body, { id: task.record.id, createdAt: nowSeconds() });
  return createResponseStory({ head, emit, now: nowSeconds });
}

async function answerWhole(asked: Asked): Promise<ResponseResult> {
  const { call, task } = asked;
  const story = openStory(asked, () => {});
  const headers = () => rbeeHeaders([task]);
  const listener = listen(story.follow, () => undefined);
  const work = () => runOne(asked, { signal: call.signal, listener });
  try {
    const isWarm = task.outlook.workerId !== undefined;
    await keepInformed(call, { isWarm, headers, work });
  } finally {
    for (const [name, value] of Object.entries(headers())) call.setHeader(name, value);
  }
  return story.result();
}

async function tellResponse(asked: Asked, writer: SseWriter): Promise<void> {
  const { call, task } = asked;
  const comments = { task, hasNarration: call.body.rbee?.narration === true };
  let pending = "";
  const flush = () => {
    const text = pending;
    pending = "";
    return text === "" ? undefined : writer.sendFrames(text);
  };
  const story = openStory(asked, (event) => {
    pending += `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  });
  const follow = (event: TaskEvent) => {
    pending += storyComment(event, comments);
    story.follow(event);
  };
  story.begin();
  try {
    await flush();
    await runOne(asked, { signal: writer.signal, listener: listen(follow, flush) });
  } catch (error) {
    story.fail(errorToWire(error, call.correlationId));
    await flush();
  }
}

// What came from fields of a response, by the names that a completion has for them.
const responseNames = {
  messages: "input",
  max_tokens: "max_output_tokens",
  response_format: "text.format",
};

interface Run {
  readonly signal: AbortSignal;
  readonly listener: ChoiceListener;
}

async function runOne({ task }: Asked, { signal, listener }: Run): Promise<void> {
  try {
    await runChoices({ tasks: [task], signal, listenerOf: () => listener });
  } catch (error) {
    throw renameFields(error, responseNames);
  }
}

function listen(
  follow: (event: TaskEvent) => void,
  flush: ChoiceListener["flush"],
): ChoiceListener {
  return {
    // Which token of the answer it is does not matter here.
    token: (json) => follow({ type: "token", token: JSON.parse(textOfBytes(json)), index: 0 }),
    event: follow,
    flush,
  };
}
