import { z } from "zod";
import { localNodeName } from "../limits.ts";
import { modelReferenceForms } from "../model-reference.ts";
import { defineError } from "./error-entry.ts";

const model = z.object({ model: z.string() });
// Without a token the hub answers the same for what is private and for what is not there.
const denials = {
  gated: "it is gated, and this node's token (if any) was not let in",
  private: "it is private, and this node's token does not open it",
  token: "the hub does not know this node's token",
  unknown: "it is gated, private or not there, which the hub tells only with a token",
} as const;
const inNode = { node: z.string().optional() };

/** Model references, downloads, files and the catalogue. */
export const modelErrors = {
  INVALID_MODEL_REF: defineError({
    status: 400,
    retryable: false,
    title: "invalid model reference",
    details: z.object({ forms: z.array(z.string()) }),
    message: () => "The model reference has none of the known forms.",
    explain: ({ forms }) => [`Known forms: ${forms.join(", ")}.`],
    hint: () => [`rbee-keeper infer --model ${modelReferenceForms[0]}`],
    source: "spec 5",
  }),
  MODEL_NOT_FOUND: defineError({
    status: 404,
    retryable: false,
    title: "model not found",
    details: model.extend({
      candidates: z.array(z.string()),
      reason: z.string().optional(),
      ...inNode,
    }),
    message: ({ model: reference }) => `Model '${reference}' was not found.`,
    explain: ({ candidates, node, reason }) => [
      ...(reason === undefined ? [] : [reason]),
      ...(node === undefined ? [] : [`Looked for it on ${node}.`]),
      ...(candidates.length === 0 ? [] : [`There is: ${candidates.join(", ")}.`]),
    ],
    hint: () => ["Check the spelling; rbee-keeper models list shows what a node has."],
    source: "spec 5",
  }),
  MODEL_ACCESS_DENIED: defineError({
    status: 403,
    retryable: false,
    title: "model access denied",
    details: model.extend({ reason: z.enum(["gated", "private", "token", "unknown"]), ...inNode }),
    message: ({ model: reference, reason }) =>
      `Access to model '${reference}' was denied: ${denials[reason]}.`,
    hint: ({ model: reference, reason, node = localNodeName }) => [
      ...(reason === "gated" ? ["Accept its terms at the hub with your account there."] : []),
      ...(reason === "unknown" ? ["Check its spelling. If it is yours, a token shows it:"] : []),
      `Set HF_TOKEN on ${node}, or hub_token_file in [hive] of its configuration:`,
      node === localNodeName
        ? `rbee-keeper queen stop; HF_TOKEN=... rbee-keeper models pull ${reference}`
        : `rbee-keeper hive restart --node ${node}`,
    ],
    source: "spec 5",
  }),
  DOWNLOAD_FAILED: defineError({
    status: 502,
    retryable: true,
    title: "download failed",
    details: model.extend({
      attempts: z.int(),
      cause: z.string(),
      bytes_downloaded: z.int(),
      bytes_total: z.int(),
    }),
    message: ({ model: reference, attempts }) =>
      `The download of '${reference}' failed after ${attempts} attempts.`,
    explain: (details) => [
      `Last cause: ${details.cause}. Reached ${details.bytes_downloaded} of ${details.bytes_total} bytes.`,
    ],
    hint: ({ model: reference }) => [
      `Run it again, it resumes: rbee-keeper models pull ${reference}`,
    ],
    source: "scenarios 17, 37",
  }),
  DOWNLOAD_TIMEOUT: defineError({
    status: 504,
    retryable: true,
    title: "download stalled",
    details: model.extend({
      attempts: z.int(),
      stall_seconds: z.number(),
      bytes_downloaded: z.int(),
      bytes_total: z.int(),
    }),
    message: ({ model: reference }) => `The download of '${reference}' stalled.`,
    explain: (details) => [
      `No byte for ${details.stall_seconds} s, ${details.attempts} times; stalled at ` +
        `${details.bytes_downloaded} of ${details.bytes_total} bytes.`,
    ],
    hint: ({ model: reference }) => [
      `Run it again, it resumes: rbee-keeper models pull ${reference}`,
    ],
    source: "spec 5",
  }),
  CHECKSUM_MISMATCH: defineError({
    status: 502,
    retryable: true,
    title: "checksum mismatch",
    details: model.extend({ expected: z.string(), found: z.string() }),
    message: ({ model: reference }) => `The file of '${reference}' is not what was published.`,
    explain: ({ expected, found }) => [`SHA-256 expected ${expected}, found ${found}.`],
    hint: ({ model: reference }) => [
      `It was dropped; fetch it again: rbee-keeper models pull ${reference}`,
    ],
    source: "spec 5",
  }),
  INSUFFICIENT_DISK: defineError({
    status: 507,
    retryable: false,
    title: "insufficient disk",
    details: z.object({
      required: z.int(),
      available: z.int(),
      largest: z.array(z.object({ id: z.string(), size_mb: z.int() })),
      ...inNode,
    }),
    message: ({ required, available }) =>
      `Not enough disk space: need ${required} MB, have ${available} MB.`,
    explain: ({ required, available, largest }) => [
      `Required: ${required} MB`,
      `Available: ${available} MB`,
      `To free: ${Math.max(0, required - available)} MB`,
      ...largest.map((entry) => `${entry.id}: ${entry.size_mb} MB`),
    ],
    hint: ({ node }) => [
      `rbee-keeper models rm <model>${node === undefined ? "" : ` --node ${node}`}`,
    ],
    source: "spec 5",
  }),
  CATALOG_CORRUPT: defineError({
    status: 500,
    retryable: true,
    title: "catalogue corrupt",
    details: z.object({ backup_path: z.string(), rebuilt: z.int() }),
    message: ({ rebuilt }) =>
      `The model catalogue was corrupt; it was rebuilt from ${rebuilt} files on disk.`,
    explain: ({ backup_path: path }) => [`The old file is kept as ${path}.`],
    hint: () => ["Nothing to do; rbee-keeper models list shows what was found."],
    source: "spec 5",
  }),
  INVALID_MODEL_FILE: defineError({
    status: 422,
    retryable: false,
    title: "invalid model file",
    details: model.extend({ reason: z.string(), ...inNode }),
    message: ({ model: reference }) => `The file of '${reference}' cannot be loaded.`,
    explain: ({ reason }) => [reason],
    hint: () => ["Fetch the file again, or choose another one; rbee loads GGUF files."],
    source: "spec 5",
  }),
} as const;
