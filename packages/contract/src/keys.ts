import { z } from "zod";
import { sizes } from "./limits.ts";

export const KeyName = z
  .string()
  .min(1)
  .max(sizes.identifierMax)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._@-]*[A-Za-z0-9])?$/, "letters, digits, and . _ @ - between");

/** `use` asks models; `operate` does everything that a person at the queen's machine can. */
export const KeyScope = z.enum(["use", "operate"]);
export type KeyScope = z.infer<typeof KeyScope>;

/** An API key of the queen as it can be shown: never the key itself. */
export const KeyOnWire = z.object({
  id: z.string(),
  name: z.string(),
  /** First six hex digits of its SHA-256, as logs show it. */
  fingerprint: z.string(),
  created_unix: z.int(),
  last_used_unix: z.int().nullable(),
});
export type KeyOnWire = z.infer<typeof KeyOnWire>;

export const KeyList = z.object({ keys: z.array(KeyOnWire) });
export const CreateKeyRequest = z.strictObject({ name: KeyName });
export const KeyCreated = KeyOnWire.extend({
  /** Shown this once; only its digest is kept. */
  key: z.string(),
  /** True when the queen asked nobody for a key until now. */
  is_first: z.boolean(),
});
export type KeyCreated = z.infer<typeof KeyCreated>;
export const KeyRevoked = z.object({ success: z.literal(true), message: z.string() });
