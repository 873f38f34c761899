import { z } from "zod";
import { sizes } from "./limits.ts";

export const actors = [
  "rbee-keeper",
  "queen-rbee",
  "rbee-hive",
  "model-provisioner",
  "llm-worker-rbee",
  "device-manager",
  "model-loader",
  "http-server",
  "engine",
] as const;
export const Actor = z.enum(actors);
export type Actor = z.infer<typeof Actor>;

export const NarrationLevel = z.enum(["debug", "info", "warn", "error"]);

/**
 * One line of the story that a person watches. `human` is present tense and at most 100 characters;
 * `cute` says the same with an emoji. Figures are optional and carry their unit in the name.
 */
export const Narration = z.object({
  type: z.literal("narration"),
  actor: Actor,
  action: z.string().max(sizes.identifierMax),
  target: z.string().optional(),
  human: z.string().max(sizes.narrationCharactersMax),
  cute: z
    .string()
    .max(sizes.narrationCharactersMax + 10)
    .optional(),
  level: NarrationLevel,
  correlation_id: z.string().optional(),
  node: z.string().optional(),
  worker_id: z.string().optional(),
  model_ref: z.string().optional(),
  backend: z.string().optional(),
  device: z.string().optional(),
  duration_ms: z.number().optional(),
  delay_ms: z.number().optional(),
  timeout_ms: z.number().optional(),
  tokens_in: z.number().optional(),
  tokens_out: z.number().optional(),
  attempt: z.number().optional(),
  attempts_max: z.number().optional(),
  position: z.number().optional(),
  estimated_wait_s: z.number().optional(),
  size_mb: z.number().optional(),
  required_mb: z.number().optional(),
  available_mb: z.number().optional(),
  port: z.number().optional(),
  pid: z.number().optional(),
  exit_code: z.number().optional(),
  signal: z.string().optional(),
  stopped: z.number().optional(),
  total: z.number().optional(),
});
export type Narration = z.infer<typeof Narration>;
