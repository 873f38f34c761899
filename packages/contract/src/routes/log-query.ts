import { z } from "zod";
import { sizes } from "../limits.ts";
import { NodeName, WorkerId } from "../workers.ts";

const flag = z.enum(["true", "false"]).transform((text) => text === "true");

/** Which log lines somebody asks for; query parameters, so everything arrives as text. */
export const LogQuery = z.strictObject({
  node: NodeName.optional(),
  worker: WorkerId.optional(),
  lines: z.coerce.number().int().min(0).max(100_000).default(sizes.logLinesDefault),
  follow: flag.default(false),
});
export type LogQuery = z.infer<typeof LogQuery>;
