import { streamEnd } from "@rbee/contract";
import type { TaskEvent } from "@rbee/contract";
import type { SseWriter } from "@rbee/daemon";

interface TaskSinkOptions {
  readonly signal: AbortSignal;
  /** The promise is the reader's backpressure. */
  readonly onEvent: (event: TaskEvent) => Promise<void> | undefined;
}

const decoder = new TextDecoder();

/**
 * The writer that a dialect gives to a task: it takes the task's stream apart into events, which
 * the dialect then says in its own words. Frames arrive whole.
 */
export function createTaskSink({ signal, onEvent }: TaskSinkOptions): SseWriter {
  const send = (event: object) => onEvent(event as TaskEvent);
  return {
    signal,
    send,
    sendFrames(frames) {
      const text = typeof frames === "string" ? frames : decoder.decode(frames);
      let waiting: Promise<void> | undefined;
      // A later promise settles no sooner than an earlier one: they wait for the same reader.
      for (const data of dataOf(text)) waiting = send(JSON.parse(data) as TaskEvent) ?? waiting;
      return waiting;
    },
  };
}

function* dataOf(text: string): Generator<string, void, void> {
  for (const frame of text.split("\n\n")) {
    const lines = frame.split("\n").filter((line) => line.startsWith("data:"));
    const data = lines.map((line) => line.slice("data:".length).trimStart()).join("\n");
    if (data !== "" && data !== streamEnd) yield data;
  }
}
