import type { Computation, ComputedEvent } from "../../ports.ts";
import type { HttpWorld } from "../http-world.ts";
import { admitDialectTask } from "../openai-shared/admit-dialect-task.ts";
import type { DialectCall } from "../openai-shared/admit-dialect-task.ts";
import { keepInformed } from "../openai-shared/keep-informed.ts";
import { rbeeHeaders } from "../openai-shared/rbee-headers.ts";
import type { NamedTask } from "./shared-to-task.ts";

interface ComputationCall extends DialectCall {
  readonly inform: (headers: Readonly<Record<string, string>>) => void;
  readonly setHeader: (name: string, value: string) => void;
}

interface ComputationRequest {
  readonly id: string;
  readonly call: ComputationCall;
  readonly request: NamedTask;
  readonly computation: Computation;
}

/**
 * A task with one JSON answer: it waits in the same queue, shows among the tasks and ends by
 * deadline and cancel like any other. Returns what the worker answered.
 */
export async function runComputation(
  world: HttpWorld,
  { id: taskId, call, request, computation }: ComputationRequest,
): Promise<unknown> {
  call.setHeader("x-request-id", call.correlationId);
  const task = await admitDialectTask(world, { taskId, call, request, computation });
  let result: unknown;
  const sink = {
    signal: call.signal,
    send(event: object): undefined {
      if (isComputed(event)) result = event.result;
    },
    sendFrames: () => undefined,
  };
  try {
    await keepInformed(call, {
      isWarm: task.outlook.workerId !== undefined,
      headers: () => rbeeHeaders([task]),
      work: () => task.run(sink),
    });
  } finally {
    for (const [name, value] of Object.entries(rbeeHeaders([task]))) call.setHeader(name, value);
  }
  return result;
}

function isComputed(event: object): event is ComputedEvent {
  return (event as Partial<ComputedEvent>).type === "computed";
}
