import { z } from "zod";
import { placementFields } from "../tasks.ts";

const { model: _model, ...where } = placementFields;

/** The field `rbee` in requests that were made for OpenAI: what those have no word for. */
export const RbeeExtension = z.strictObject({
  ...where,
  /** True: the stream carries what happens as comments, each one event of `/v2/tasks` as JSON. */
  narration: z.boolean().optional(),
});
export type RbeeExtension = z.infer<typeof RbeeExtension>;
