import { z } from "zod";
import { sizes } from "./limits.ts";
import { TaskPriority } from "./tasks.ts";

export const KeyName = z
  .string()
  .min(1)
  .max(sizes.identifierMax)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._@-]*[A-Za-z0-9])?$/, "letters, digits, and . _ @ - between");

/** `use` asks models; `operate` does everything that a person at the queen's machine can. */
export const KeyScope = z.enum(["use", "operate"]);
export type KeyScope = z.infer<typeof KeyScope>;

/** So many requests in so many seconds; as many may come at once. */
export const KeyRate = z.strictObject({
  limit: z.int().min(1).max(sizes.keyRateMax),
  window_seconds: z.int().min(1).max(sizes.keyRateWindowSecondsMax),
});
export type KeyRate = z.infer<typeof KeyRate>;

/**
 * References, aliases (they follow the configuration), and beginnings of references up to a `/` or
 * `:`, then `*`: `hf:org/*`.
 */
export const KeyModels = z
  .array(z.string().min(1).max(sizes.modelReferenceMax))
  .min(1)
  .max(sizes.keyModelsMax);

const keyLimits = {
  scope: KeyScope,
  /** Null: every model. */
  models: KeyModels.nullable(),
  /** Null: as fast as the machines are. */
  rate: KeyRate.nullable(),
  /** From this second on it is refused; null: never. */
  expires_unix: z.int().nullable(),
  /** The highest that its requests may ask for. */
  priority: TaskPriority,
};

const usageFigures = {
  requests: z.int(),
  prompt_tokens: z.int(),
  generated_tokens: z.int(),
};

/** An API key of the queen as it can be shown: never the key itself. */
export const KeyOnWire = z.object({
  id: z.string(),
  name: z.string(),
  /** First six hex digits of its SHA-256, as logs show it. */
  fingerprint: z.string(),
  ...keyLimits,
  created_unix: z.int(),
  last_used_unix: z.int().nullable(),
  ...usageFigures,
});
export type KeyOnWire = z.infer<typeof KeyOnWire>;

export const KeyList = z.object({ keys: z.array(KeyOnWire) });

export const CreateKeyRequest = z
  .strictObject({
    name: KeyName,
    /** `use` unless it says otherwise: a client needs no more. */
    scope: KeyScope.optional(),
    models: KeyModels.optional(),
    rate: KeyRate.optional(),
    /** By the queen's clock; or how long from now. */
    expires_unix: z.int().min(0).optional(),
    expires_in_seconds: z.int().min(1).max(sizes.keyLifetimeSecondsMax).optional(),
    priority: TaskPriority.optional(),
  })
  .refine(
    (request) => request.expires_unix === undefined || request.expires_in_seconds === undefined,
    {
      path: ["expires_in_seconds"],
      message: "cannot be given beside expires_unix",
    },
  );
export type CreateKeyRequest = z.infer<typeof CreateKeyRequest>;

export const KeyCreated = KeyOnWire.extend({
  /** Shown this once; only its digest is kept. */
  key: z.string(),
  /** True when the queen asked nobody for a key until now. */
  is_first: z.boolean(),
});
export type KeyCreated = z.infer<typeof KeyCreated>;
export const KeyRevoked = z.object({ success: z.literal(true), message: z.string() });

export const KeyUsageQuery = z.strictObject({
  /** Id of a key, or `local` for the key of the queen's own machine; all when it is left out. */
  id: z.string().max(sizes.identifierMax).optional(),
  /** Days in UTC, today among them. */
  days: z.coerce.number().int().min(1).max(sizes.usageDaysKept).optional(),
});

/** What one key asked for on one day (UTC). Keys that were revoked are among them. */
export const KeyUsageDay = z.object({
  id: z.string(),
  name: z.string(),
  day: z.iso.date(),
  ...usageFigures,
});
export type KeyUsageDay = z.infer<typeof KeyUsageDay>;
/** Newest day first, then by name. */
export const KeyUsage = z.object({ usage: z.array(KeyUsageDay) });
