import { timings } from "@rbee/contract";
import { formatDuration } from "../../format/format-duration.ts";
import type { QueenState } from "../../state/live-state.ts";

export type Worker = QueenState["workers"][number];

/** How long nobody has used it; nothing while it works or comes up. */
export function describeIdle({ state, last_activity: last }: Worker, nowMs: number): string {
  if (state !== "idle" || last === null) return "";
  return formatDuration(nowMs - Date.parse(last));
}

const fullTrust = 1;

/** What a person should know of its past: that it died, and that it gets less to do for it. */
export function describeTrouble({ restart_count: restarts = 0, weight = 1 }: Worker): string[] {
  return [
    ...(restarts === 0 ? [] : [restarts === 1 ? "restarted once" : `restarted ${restarts} times`]),
    ...(weight < fullTrust
      ? [`gets ${Math.round(weight * 100)} % of its share: it failed lately`]
      : []),
  ];
}

/** What its model can do, in words; nothing until it is loaded. */
export function describeCapabilities({ capabilities: can }: Worker): string {
  if (can === undefined) return "";
  const words = [
    can.chat ? "chat" : can.generation ? "text" : "",
    can.tools === null || can.tools === "generic" ? "" : "tools",
    can.vision ? "pictures" : "",
    can.embeddings ? "embeddings" : "",
    can.rerank ? "reranking" : "",
  ];
  return words.filter((word) => word !== "").join(", ");
}

/** What happens when it is told to stop, before a person decides. */
export function describeStop(worker: Worker, memory: string): string {
  const { worker_id: id, model_ref: model, slots_total: total, slots_available: free } = worker;
  const running = total - free;
  const requests = running === 1 ? "1 request" : `${running} requests`;
  const first =
    running === 0
      ? `${id} answers nobody now.`
      : `${id} answers ${requests} now. It takes nothing new, and they may finish, for up to ${drainSeconds} s; what is not finished then is cut off with an error.`;
  return `${first} It gives ${memory} of memory back. The next question to ${model} loads it again.`;
}

const drainSeconds = Math.round(timings.drainMs / 1000);
