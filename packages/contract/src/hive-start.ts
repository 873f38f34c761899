import { z } from "zod";
import { ErrorBody } from "./error-envelope.ts";
import { Narration } from "./narration.ts";

/**
 * What `rbee-hive start --json` writes to stdout, one line of JSON each: the story of the start,
 * then how it ended. Whoever starts a hive over SSH reads them as they come.
 */
export const HiveStartLine = z.union([
  z.object({ narration: Narration }),
  z.object({
    ready: z.object({
      version: z.string(),
      pid: z.int(),
      /** Where it listens, as seen on the node. */
      host: z.string(),
      port: z.int(),
      started_by: z.string(),
      /** It ran before; nothing was started. */
      already_running: z.boolean(),
    }),
  }),
  z.object({ error: ErrorBody }),
]);
export type HiveStartLine = z.infer<typeof HiveStartLine>;
export type HiveReady = Extract<HiveStartLine, { readonly ready: unknown }>["ready"];
