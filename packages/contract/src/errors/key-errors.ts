import { z } from "zod";
import { defineError } from "./error-entry.ts";

// The words of `KeyScope` and `TaskPriority`, which stand on errors and cannot be imported here.
const scope = z.enum(["use", "operate"]);
const priority = z.enum(["low", "normal", "high"]);

const key = z.object({
  /** Which program refused the key. */
  program: z.string(),
  host: z.string().optional(),
  node: z.string().optional(),
  /** The file from which the refused key was read, on the machine that sent it. */
  key_file: z.string().optional(),
});

/** API keys: shown, made, revoked, and what they are not for. */
export const keyErrors = {
  MISSING_API_KEY: defineError({
    status: 401,
    retryable: false,
    title: "API key missing",
    details: key,
    message: ({ program }) => `${program} needs an API key.`,
    hint: () => [
      "On the queen's machine: rbee-keeper keys create --name <name>",
      "Here, put it into a file (mode 600): [keeper] api_key_file in the configuration.",
    ],
    source: "spec 4.1",
  }),
  INVALID_API_KEY: defineError({
    status: 401,
    retryable: false,
    title: "API key invalid",
    details: key,
    message: ({ program }) => `Authentication failed: ${program} refused the API key.`,
    explain: ({ host, key_file: file }) => [
      ...(host === undefined ? [] : [`Invalid key for ${host}.`]),
      ...(file === undefined ? [] : [`The queen's key for it: ${file}`]),
    ],
    hint: ({ node, program }) =>
      node === undefined
        ? [
            "Check the key file named in the configuration.",
            ...(program === "queen-rbee"
              ? ["For a new key, on the queen's machine: rbee-keeper keys create --name <name>"]
              : []),
          ]
        : [
            `Compare it with ~/.rbee/keys/hive.key on ${node}; the first line must be the same.`,
            `A hive that the queen starts gets her key: rbee-keeper hive restart --node ${node}`,
          ],
    source: "scenario 44",
  }),
  KEY_EXPIRED: defineError({
    status: 401,
    retryable: false,
    title: "API key expired",
    details: z.object({ key: z.string(), expired_unix: z.int() }),
    message: () => "This API key has expired.",
    explain: ({ key: name, expired_unix: at }) => [
      `The key '${name}' was good until ${new Date(at * 1000).toISOString()}.`,
    ],
    hint: ({ key: name }) => [
      `Make another: rbee-keeper keys create --name <name>`,
      `The old one can go: rbee-keeper keys revoke --name ${name}`,
    ],
    source: "spec 3, keys",
  }),
  KEY_REVOKED: defineError({
    status: 401,
    retryable: false,
    title: "API key revoked",
    details: z.object({ key: z.string() }),
    message: () => "This API key was revoked while it was in use.",
    explain: ({ key: name }) => [`The key '${name}' is refused from now on.`],
    hint: () => ["Ask whoever runs the queen for another: rbee-keeper keys create"],
    source: "spec 3, keys",
  }),
  KEY_SCOPE_DENIED: defineError({
    status: 403,
    retryable: false,
    title: "API key not for this",
    details: z.object({ key: z.string(), scope, needed: scope }),
    message: ({ scope, needed }) =>
      `This API key is for '${scope}'; what was asked for needs '${needed}'.`,
    explain: ({ key: name }) => [`It is the key '${name}'.`],
    hint: () => ["On the queen's machine: rbee-keeper keys create --name <name> --scope operate"],
    source: "spec 3, keys",
  }),
  KEY_MODEL_DENIED: defineError({
    status: 403,
    retryable: false,
    title: "model not open to this API key",
    details: z.object({ key: z.string(), model: z.string(), allowed: z.array(z.string()) }),
    message: () => "This API key may not use that model.",
    explain: ({ key: name, model, allowed }) => [
      `Asked for: ${model}`,
      `The key '${name}' is for: ${allowed.length === 0 ? "none" : allowed.join(", ")}`,
    ],
    hint: ({ model }) => [
      "Ask for one of those, or make a key that is for it:",
      `rbee-keeper keys create --name <name> --models ${model}`,
    ],
    source: "spec 3, keys",
  }),
  KEY_PRIORITY_DENIED: defineError({
    status: 403,
    retryable: false,
    title: "priority not open to this API key",
    details: z.object({ key: z.string(), asked: priority, highest: priority }),
    message: ({ asked, highest }) =>
      `This API key may not ask for priority '${asked}'; its highest is '${highest}'.`,
    explain: ({ key: name }) => [`It is the key '${name}'.`],
    hint: ({ asked }) => [
      "Leave the priority out, or make a key that may:",
      `rbee-keeper keys create --name <name> --priority ${asked}`,
    ],
    source: "spec 3, keys",
  }),
  KEY_NOT_FOUND: defineError({
    status: 404,
    retryable: false,
    title: "API key not found",
    details: z.object({ key: z.string() }),
    message: () => "There is no such API key.",
    explain: ({ key: wanted }) => [`None is called '${wanted}'.`],
    hint: () => ["rbee-keeper keys list"],
    source: "spec 3, keys",
  }),
  KEY_ALREADY_EXISTS: defineError({
    status: 409,
    retryable: false,
    title: "API key exists already",
    details: z.object({ name: z.string() }),
    message: () => "There is an API key of that name already.",
    explain: ({ name }) => [`Its name: ${name}`],
    hint: ({ name }) => [
      "Choose another name, or take the old one away first:",
      `rbee-keeper keys revoke --name ${name}`,
    ],
    source: "spec 3, keys",
  }),
} as const;
