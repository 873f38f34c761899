import type { Span, Tracer } from "@rbee/telemetry";
import { isEnded } from "./domain/advance-task.ts";
import type { ObserveTask, OpenedTask } from "./flow/task-observer.ts";

/** Whoever counts tasks hears of them; with a tracer each task is also a span, and each phase one. */
export function observeTasks(tracer: Tracer, count: ObserveTask): ObserveTask {
  if (!tracer.isOn) return count;
  return (task) => {
    const counted = count(task);
    const traced = traceTask(tracer, task);
    return {
      onPhase(state, tokens) {
        counted.onPhase(state, tokens);
        traced.onPhase(state, tokens);
      },
      onFirstToken() {
        counted.onFirstToken();
        traced.onFirstToken();
      },
      traceparent: traced.traceparent,
    };
  };
}

function traceTask(
  tracer: Tracer,
  { id, model, priority, traceparent: parent }: OpenedTask,
): ReturnType<ObserveTask> {
  const startedAtMs = performance.now();
  const attributes = { "rbee.task_id": id, "gen_ai.request.model": model, priority };
  const task = tracer.startSpan("task", { kind: "server", parent, attributes });
  let phase: Span = task.child("placing");
  return {
    onPhase(state, tokens) {
      phase.end();
      const { node, workerId, errorCode } = state;
      const place = { "rbee.node": node ?? undefined, "rbee.worker_id": workerId ?? undefined };
      if (!isEnded(state)) {
        phase = task.child(state.phase, { attributes: place });
        return;
      }
      task.set({ ...place, outcome: state.phase, "gen_ai.usage.output_tokens": tokens });
      task.end({ errorCode: errorCode ?? undefined });
    },
    onFirstToken() {
      task.set({ "rbee.time_to_first_token_ms": Math.round(performance.now() - startedAtMs) });
    },
    traceparent: task.traceparent,
  };
}
