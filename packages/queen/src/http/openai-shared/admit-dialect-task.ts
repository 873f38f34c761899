import { bundledModelReference, modelReferenceForms, RbeeError } from "@rbee/contract";
import type { TaskRequest } from "@rbee/contract";
import type { Caller, SseWriter } from "@rbee/daemon";
import { resolveModel } from "../../domain/resolve-model.ts";
import type { TaskOutlook } from "../../flow/task-outlook.ts";
import type { TaskRecord } from "../../flow/task-registry.ts";
import type { Computation } from "../../ports.ts";
import { requireBackend } from "../create-task.ts";
import type { HttpWorld } from "../http-world.ts";
import { hopOf, streamStory } from "../request-story.ts";
import type { CallHop } from "../request-story.ts";
import { requireModelAllowed } from "../require-model-allowed.ts";
import { requirePriorityAllowed } from "../require-priority-allowed.ts";

/** What of a call a task needs. */
export interface DialectCall extends CallHop {
  readonly caller: Caller;
}

/** A task of a dialect that was let in. */
export interface DialectTask {
  readonly record: TaskRecord;
  readonly outlook: TaskOutlook;
  /** Settles after the task's last event; throws what ended it without one. */
  readonly run: (sink: SseWriter) => Promise<void>;
}

interface DialectOrder {
  readonly taskId: string;
  readonly call: DialectCall;
  readonly request: TaskRequest & { readonly model: string };
  /** What is asked for instead of tokens. */
  readonly computation?: Computation;
}

/**
 * Lets a task of another dialect in, as `/v2/tasks` does. Throws MODEL_NOT_FOUND for a name of no
 * known form, and whatever a task is refused with before its stream.
 */
export async function admitDialectTask(
  world: HttpWorld,
  { taskId, call, request, computation }: DialectOrder,
): Promise<DialectTask> {
  const { node, backend, device, context, wait: mayWait = true } = request;
  const model = requireDialectModel(request.model, world);
  requireModelAllowed(call.caller, model);
  const priority = requirePriorityAllowed(call.caller, request.priority);
  if (node !== undefined) world.nodes.require(node);
  requireBackend(backend);
  const placement = { model, node, backend, device, context, mayWait };
  const hop = hopOf(call);
  const asked = { ...request, priority };
  const source = call.caller.id;
  const order = { taskId, source, placement, request: asked, computation, hop };
  const { record, outlook, run } = await world.runner.admit(order);
  const { logger } = world;
  const { correlationId } = call;
  return {
    record,
    outlook,
    run: (sink) =>
      run(sink, ({ advance }) => streamStory({ logger, correlationId, writer: sink, advance })),
  };
}

function requireDialectModel(asked: string, { aliases }: Pick<HttpWorld, "aliases">): string {
  const names = aliases();
  const model = resolveModel(asked, names);
  if (model !== undefined) return model;
  const reason = `It has none of the known forms: ${modelReferenceForms.join(", ")}.`;
  throw new RbeeError("MODEL_NOT_FOUND", {
    model: asked,
    candidates: [bundledModelReference, ...Object.keys(names)],
    reason,
  });
}
