import { randomUUID } from "node:crypto";
import { backends, modelReferenceForms, RbeeError } from "@rbee/contract";
import type { TaskRequest } from "@rbee/contract";
import type { PlacementRequest } from "../domain/place-task.ts";
import { resolveModel } from "../domain/resolve-model.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { requireModelAllowed } from "./require-model-allowed.ts";
import { requirePriorityAllowed } from "./require-priority-allowed.ts";
import { hopOf, streamStory } from "./request-story.ts";

/** A prompt comes in; everything from here to its last token is one stream. */
export function createTask(world: HttpWorld): QueenHandler<"createTask"> {
  const { runner, logger } = world;
  return async (call) => {
    const { body, correlationId } = call;
    requireStream(body);
    const placement = placementOf(body, world);
    requireModelAllowed(call.caller, placement.model);
    const priority = requirePriorityAllowed(call.caller, body.priority);
    const task = await runner.admit({
      taskId: body.job_id ?? randomUUID(),
      source: call.caller.id,
      placement,
      request: { ...body, priority },
      hop: hopOf(call),
    });
    return call.stream((writer) =>
      task.run(writer, ({ advance }) => streamStory({ logger, correlationId, writer, advance })),
    );
  };
}

function placementOf(request: TaskRequest, world: HttpWorld): PlacementRequest {
  const { node, backend, device, context, wait = true } = request;
  const model = requireModel(request.model, world);
  if (node !== undefined) world.nodes.require(node);
  requireBackend(backend);
  return { model, node, backend, device, context, mayWait: wait };
}

/** Throws INVALID_MODEL_REF. */
export function requireModel(
  asked: string | undefined,
  { aliases }: Pick<HttpWorld, "aliases">,
): string {
  const model = resolveModel(asked, aliases());
  if (model !== undefined) return model;
  throw new RbeeError("INVALID_MODEL_REF", { forms: [...modelReferenceForms] });
}

/** Throws INVALID_BACKEND. */
export function requireBackend(backend: string | undefined): void {
  if (backend === undefined || backends.some((name) => name === backend)) return;
  throw new RbeeError("INVALID_BACKEND", { valid: [...backends] });
}

// Every field is honoured or refused; a task without a stream could not be narrated.
function requireStream({ stream }: TaskRequest): void {
  if (stream !== false) return;
  const message = "must be true: a task is always streamed";
  const errors = [{ field: "stream", constraint: "literal", message }];
  throw new RbeeError("INVALID_REQUEST", { errors });
}
