import type { NodeChangedEvent, queenRoutes } from "@rbee/contract";
import type { Call, Logger } from "@rbee/daemon";
import type { Errand } from "../ports.ts";
import { quietErrand, streamErrand } from "./request-story.ts";

type NodeCall = Pick<
  Call<typeof queenRoutes.removeNode>,
  "correlationId" | "traceparent" | "deadline" | "signal" | "stream" | "wantsEvents"
>;

interface NodeChange {
  readonly name: string;
  readonly logger: Logger;
  /** Returns the sentence that says what is true now. */
  readonly change: (errand: Errand) => Promise<string>;
}

/** Answers with one document, or with the whole story for whom it is to be told. */
export async function answerNodeChange(call: NodeCall, { name, logger, change }: NodeChange) {
  if (!call.wantsEvents) {
    const message = await change(quietErrand(call, logger));
    return { success: true as const, message, node_name: name };
  }
  return call.stream(async (writer) => {
    const message = await change(streamErrand(call, writer, logger));
    const end: NodeChangedEvent = { type: "done", done: true, message, node_name: name };
    await writer.send(end);
  });
}
