import { randomUUID } from "node:crypto";
import { patterns } from "@rbee/contract";

export const correlationHeader = "x-correlation-id";

/** The id that came with a request when it is well formed, else a new one. */
export function correlationId(offered: string | undefined): string {
  return offered !== undefined && patterns.correlationId.test(offered) ? offered : randomUUID();
}
