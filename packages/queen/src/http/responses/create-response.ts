import { randomUUID } from "node:crypto";
import { errorToWire } from "@rbee/contract";
import type { ResponseEvent, TaskEvent } from "@rbee/contract";
import type { SseWriter } from "@rbee/daemon";
import type { HttpWorld, QueenHandler } from "../http-world.ts";
import { admitDialectTask } from "../openai-shared/admit-dialect-task.ts";
import type { DialectTask } from "../openai-shared/admit-dialect-task.ts";
import { createTaskSink } from "../openai-shared/create-task-sink.ts";
import { taskError } from "../openai-shared/task-error.ts";
import { createResponseStory } from "./create-response-story.ts";
import { describeResponse } from "./describe-response.ts";
import { responseToTask } from "./response-to-task.ts";

type Handler = QueenHandler<"createResponse">;
type ResponseCall = Parameters<Handler>[0];

interface Asked {
  readonly call: ResponseCall;
  readonly task: DialectTask;
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** OpenAI's Responses API over a task of ours; the id of the response is the task's. */
export function createResponse(world: HttpWorld): Handler {
  return async (call) => {
    const taskId = `resp_${randomUUID().replaceAll("-", "")}`;
    const request = responseToTask(call.body);
    const task = await admitDialectTask(world, { taskId, call, request });
    const asked = { call, task };
    if (call.body.stream !== true) return await answerWhole(asked);
    return call.stream((writer) => tellResponse(asked, writer));
  };
}

function storyOf({ call, task }: Asked, emit: (event: ResponseEvent) => Promise<void> | undefined) {
  const head = describeResponse(call.body, { id: task.record.id, createdAt: nowSeconds() });
  return createResponseStory({ head, emit, now: nowSeconds });
}

async function answerWhole(asked: Asked) {
  const story = storyOf(asked, () => undefined);
  let failure: Error | undefined;
  const onEvent = (event: TaskEvent) => {
    if (event.type === "error") failure = taskError(event.error);
    return story.follow(event);
  };
  await asked.task.run(createTaskSink({ signal: asked.call.signal, onEvent }));
  if (failure !== undefined) throw failure;
  return story.result();
}

async function tellResponse(asked: Asked, writer: SseWriter): Promise<void> {
  const { correlationId } = asked.call;
  const story = storyOf(asked, (event) =>
    writer.sendFrames(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
  );
  story.begin();
  try {
    await asked.task.run(createTaskSink({ signal: writer.signal, onEvent: story.follow }));
  } catch (error) {
    story.fail(errorToWire(error, correlationId));
  }
}
