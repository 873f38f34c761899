import type { Task } from "./is-open-task.ts";

/** One bar of the picture: when it begins and how long it is, in milliseconds since the start. */
export interface Bar {
  readonly label: string;
  readonly beginMs: number;
  readonly lengthMs: number;
}

const labels: Record<Task["phase"], string> = {
  placing: "Choosing where",
  queued: "Waiting in the queue",
  "starting-hive": "Starting the machine's hive",
  spawning: "Starting a worker",
  downloading: "Downloading the model",
  loading: "Loading the model",
  inferring: "Answering",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

/**
 * The phases of a request as bars, one below the other. The answer is two of them: until its first
 * token the prompt is read. Phases without length that a person could see are left out.
 */
export function planWaterfall(task: Task, nowMs: number): readonly Bar[] {
  const startMs = Date.parse(task.started_at);
  const endMs = task.ended_at === null ? nowMs : Date.parse(task.ended_at);
  const phases = task.phases ?? [];
  const bars = phases.flatMap(({ phase, at }, index): Bar[] => {
    const beginMs = Date.parse(at) - startMs;
    const next = phases[index + 1]?.at;
    const lengthMs = (next === undefined ? endMs : Date.parse(next)) - startMs - beginMs;
    if (phase === "inferring") return planAnswer(task, beginMs, lengthMs);
    return [{ label: labels[phase], beginMs, lengthMs }];
  });
  return bars.filter(({ lengthMs }) => lengthMs >= lengthMsMin);
}

const lengthMsMin = 1;

function planAnswer(task: Task, beginMs: number, lengthMs: number): Bar[] {
  const { first_token_at: first = null } = task;
  if (first === null) return [{ label: "Reading the prompt", beginMs, lengthMs }];
  const firstMs = Date.parse(first) - Date.parse(task.started_at);
  return [
    { label: "Reading the prompt", beginMs, lengthMs: firstMs - beginMs },
    { label: "Writing the answer", beginMs: firstMs, lengthMs: beginMs + lengthMs - firstMs },
  ];
}
