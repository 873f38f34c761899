import { RbeeError } from "@rbee/contract";
import type { workerRoutes } from "@rbee/contract";
import type { Handler } from "@rbee/daemon";
import { isReady } from "../domain/worker-state.ts";
import type { LoadedModel, WorkerStatus } from "../ports.ts";

interface TokenizeInput {
  readonly status: () => WorkerStatus;
  readonly model: () => LoadedModel | undefined;
}

/** Needs no slot: the vocabulary alone answers, in the moment that it takes. */
export function tokenizeText(input: TokenizeInput): Handler<typeof workerRoutes.tokenize> {
  return ({ body }) => {
    const { state } = input.status();
    const model = input.model();
    if (!isReady(state) || model === undefined) throw new RbeeError("WORKER_NOT_READY", { state });
    const parseSpecial = body.parse_special ?? false;
    const tokens = [...model.engine.tokenize(body.text, { parseSpecial })];
    return { tokens, count: tokens.length };
  };
}
