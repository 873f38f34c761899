import { z } from "zod";
import { defineError } from "./error-entry.ts";

export const FieldError = z.object({
  field: z.string(),
  constraint: z.string(),
  message: z.string(),
});
export type FieldError = z.infer<typeof FieldError>;

/** Permissions, validation, and the rest. */
export const generalErrors = {
  FOREIGN_SITE: defineError({
    status: 403,
    retryable: false,
    title: "a web page of another site asked",
    details: z.object({ program: z.string(), header: z.enum(["Host", "Origin"]) }),
    message: ({ program }) =>
      `${program} needs no key here and therefore answers no web page of another site.`,
    explain: ({ header }) => [`The request's ${header} header does not name this machine.`],
    hint: () => [
      "Give the queen keys, and the client one of them: rbee-keeper keys create --name <name>",
    ],
    source: "spec 1, secure by default",
  }),
  PERMISSION_DENIED: defineError({
    status: 403,
    retryable: false,
    title: "permission denied",
    details: z.object({ path: z.string(), command: z.string().optional() }),
    message: () => "Permission denied.",
    explain: ({ path }) => [`No permission for ${path}.`],
    hint: ({ command }) => [
      command === undefined ? "Check its owner and mode." : `sudo ${command}`,
    ],
    source: "scenario 55",
  }),
  INVALID_REQUEST: defineError({
    status: 400,
    retryable: false,
    title: "invalid request",
    details: z.object({ errors: z.array(FieldError) }),
    message: ({ errors }) =>
      `The request is not valid: ${errors.map((error) => `${error.field || "body"} ${error.message}`).join("; ")}.`,
    hint: () => ["Correct the fields named above; --help shows what is allowed."],
    source: "spec 4.1",
  }),
  INVALID_CONFIGURATION: defineError({
    status: 500,
    retryable: false,
    title: "invalid configuration",
    details: z.object({ file: z.string().nullable(), errors: z.array(FieldError) }),
    message: () => "The configuration is not valid.",
    explain: ({ file, errors }) => [
      ...(file === null ? [] : [`In ${file}:`]),
      ...errors.map((error) => `${error.field}: ${error.message}`),
    ],
    hint: () => ["Correct the keys named above; docs/operations.md lists all of them."],
    source: "spec 7",
  }),
  INSECURE_BIND: defineError({
    status: 500,
    retryable: false,
    title: "open port without a key",
    details: z.object({ program: z.string(), host: z.string() }),
    message: ({ program }) => `${program} does not open a port to the network without a key.`,
    explain: ({ host }) => [`It was told to listen on ${host}.`],
    hint: ({ program }) => [
      ...(program === "queen-rbee"
        ? ["rbee-keeper queen start --host <address> makes her a key and starts her with it."]
        : []),
      "Or name a key file (api_key_file), or listen on 127.0.0.1.",
    ],
    source: "spec 4.1",
  }),
  INSECURE_SECRET: defineError({
    status: 500,
    retryable: false,
    title: "unusable secret file",
    details: z.object({ path: z.string(), reason: z.string() }),
    message: () => "A secret file cannot be used.",
    explain: ({ path, reason }) => [`${path} ${reason}.`],
    hint: ({ path, reason }) => [
      reason.startsWith("has mode")
        ? `chmod 600 ${path}`
        : "It must be a file with one line of at least 16 characters, mode 600.",
    ],
    source: "spec 7, secrets",
  }),
  PORT_IN_USE: defineError({
    status: 500,
    retryable: true,
    title: "port in use",
    details: z.object({ program: z.string(), host: z.string(), port: z.int() }),
    message: ({ program, port }) => `${program} cannot listen: port ${port} is taken.`,
    explain: ({ host, port }) => [`Something else listens at ${host}:${port}.`],
    hint: () => ["Choose another port with --port."],
    source: "spec 2, a foreign program on the port",
  }),
  NOT_FOUND: defineError({
    status: 404,
    retryable: false,
    title: "no such route",
    details: z.object({ method: z.string() }),
    message: () => "There is no such route.",
    hint: () => ["/openapi.json lists what there is."],
    source: "what an HTTP client expects",
  }),
  METHOD_NOT_ALLOWED: defineError({
    status: 405,
    retryable: false,
    title: "wrong method",
    details: z.object({ method: z.string(), allowed: z.array(z.string()) }),
    message: () => "This route does not take that method.",
    explain: ({ method, allowed }) => [`It takes ${allowed.join(", ")}, not ${method}.`],
    hint: () => ["/openapi.json lists the methods of each route."],
    source: "what an HTTP client expects",
  }),
  UNSUPPORTED_MEDIA_TYPE: defineError({
    status: 415,
    retryable: false,
    title: "body is not JSON",
    details: z.object({ content_type: z.string() }),
    message: () => "The body is of a kind that is not read here.",
    explain: ({ content_type: type }) => [`It must be JSON, and came as ${type}.`],
    hint: () => ["Send JSON, with the header Content-Type: application/json."],
    source: "what an HTTP client expects",
  }),
  PAYLOAD_TOO_LARGE: defineError({
    status: 413,
    retryable: false,
    title: "payload too large",
    details: z.object({ limit_bytes: z.int(), setting: z.string().optional() }),
    message: ({ limit_bytes: limit }) => `The body is larger than ${limit} bytes.`,
    hint: ({ setting }) => [
      "Send less at once.",
      ...(setting === undefined ? [] : [`The limit is ${setting} in the queen's configuration.`]),
    ],
    source: "spec 4.1",
  }),
  RATE_LIMITED: defineError({
    status: 429,
    retryable: true,
    title: "rate limited",
    details: z.object({
      limit: z.int(),
      window_seconds: z.number(),
      retry_after_seconds: z.number().optional(),
    }),
    message: ({ limit, window_seconds: window }) =>
      `Too many requests: the limit is ${limit} in ${window} s.`,
    hint: ({ retry_after_seconds: seconds }) => [
      seconds === undefined ? "Wait a moment." : `Wait ${Math.ceil(seconds)} s, then ask again.`,
    ],
    source: "spec 4.1",
  }),
  SHUTTING_DOWN: defineError({
    status: 503,
    retryable: true,
    title: "shutting down",
    details: z.object({ program: z.string() }),
    message: ({ program }) => `${program} is shutting down.`,
    hint: () => ["Start it again: rbee-keeper queen start"],
    source: "spec 2, the cascade",
  }),
  INTERNAL_ERROR: defineError({
    status: 500,
    retryable: true,
    title: "internal error",
    details: z.object({ log: z.string().optional() }),
    message: () => "Something went wrong inside rbee.",
    explain: ({ log }) => (log === undefined ? [] : [`Its log: ${log}`]),
    hint: () => ["rbee-keeper logs shows the cause under the correlation id."],
    source: "spec 5",
  }),
} as const;
