import { RbeeError } from "@rbee/contract";
import type { QueenStateEvent } from "@rbee/contract";
import type { z } from "zod";
import { errorFromEvent } from "./remote-error.ts";
import type { QueenSession } from "./queen-session.ts";

export type QueenState = z.infer<typeof QueenStateEvent>;

/** The queen's state now and after each change, until she ends. */
export async function* watchState(queen: QueenSession): AsyncGenerator<QueenState, void, void> {
  for await (const event of await queen.stream("events")) {
    if (event.type === "state") yield event;
    else if (event.type === "error") throw errorFromEvent(event.error);
  }
}

export async function getState(queen: QueenSession): Promise<QueenState> {
  for await (const state of watchState(queen)) return state;
  throw new RbeeError("INVALID_RESPONSE", {
    from: "queen-rbee",
    expected: "her state",
    found: "the stream ended without it",
  });
}
