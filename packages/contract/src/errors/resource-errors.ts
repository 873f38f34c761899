import { z } from "zod";
import { backends } from "../devices.ts";
import { defineError } from "./error-entry.ts";

const memory = z.object({
  node: z.string().optional(),
  model: z.string(),
  /** Megabytes of 1,048,576 bytes. */
  required: z.int(),
  available: z.int(),
  device: z.string().optional(),
});

type Memory = z.infer<typeof memory>;

function explainMemory(details: Memory): string[] {
  return [
    ...(details.node === undefined ? [] : [`Node: ${details.node}`]),
    `Required: ${details.required} MB`,
    `Available: ${details.available} MB`,
  ];
}

const smaller = "Try a smaller quantisation (Q4 instead of Q8) or a smaller --context.";

/** Memory, backends, devices, and workers that do not come up. */
export const resourceErrors = {
  INSUFFICIENT_RAM: defineError({
    status: 507,
    retryable: false,
    title: "insufficient memory",
    details: memory,
    message: ({ required, available }) =>
      `Not enough RAM: need ${required} MB, have ${available} MB.`,
    explain: explainMemory,
    hint: () => [smaller, "rbee-keeper workers list shows who holds memory."],
    source: "scenarios 24, 38, 53",
  }),
  VRAM_EXHAUSTED: defineError({
    status: 507,
    retryable: false,
    title: "insufficient GPU memory",
    details: memory,
    message: ({ required, available }) =>
      `Not enough GPU memory: need ${required} MB, have ${available} MB.`,
    explain: explainMemory,
    hint: () => [smaller, "Or run it without the GPU: --backend cpu"],
    source: "scenarios 24, 38, 53",
  }),
  BACKEND_UNAVAILABLE: defineError({
    status: 422,
    retryable: false,
    title: "backend unavailable",
    details: z.object({
      backend: z.string(),
      available: z.array(z.string()),
      node: z.string().optional(),
    }),
    message: ({ backend, available }) =>
      `Backend '${backend}' is not available here; there is ${available.join(", ")}.`,
    explain: ({ node }) => (node === undefined ? [] : [`Node: ${node}`]),
    hint: ({ available }) => [`--backend ${available[0] ?? "cpu"} --device 0`],
    source: "scenario 26",
  }),
  INVALID_BACKEND: defineError({
    status: 400,
    retryable: false,
    title: "unknown backend",
    details: z.object({ valid: z.array(z.string()) }),
    message: ({ valid }) => `Unknown backend; the names are ${valid.join(", ")}.`,
    hint: () => [`--backend ${backends[0]}`],
    source: "spec 5",
  }),
  DEVICE_NOT_AVAILABLE: defineError({
    status: 400,
    retryable: false,
    title: "device not available",
    details: z.object({
      device: z.int(),
      backend: z.string(),
      valid: z.array(z.int()),
      node: z.string().optional(),
    }),
    message: ({ device, backend, valid }) =>
      `There is no ${backend} device ${device}; there is ${valid.join(", ") || "none"}.`,
    hint: ({ valid }) => [`--device ${valid[0] ?? 0}`],
    source: "spec 5",
  }),
  WORKER_STARTUP_FAILED: defineError({
    status: 500,
    retryable: true,
    title: "worker did not start",
    details: z.object({
      node: z.string().optional(),
      worker_id: z.string(),
      exit_code: z.int().nullable(),
      signal: z.string().nullable(),
      waited_ms: z.int(),
      last_lines: z.array(z.string()),
      log_file: z.string(),
    }),
    message: ({ exit_code: code, signal, waited_ms: waited }) =>
      code === null && signal === null
        ? `The worker stayed silent for ${Math.round(waited / 1000)} s at start.`
        : `The worker ended at start with ${signal ?? `exit code ${code}`}.`,
    explain: ({ last_lines: lines, log_file: file }) => [...lines, `Its log: ${file}`],
    hint: ({ worker_id: id }) => [`rbee-keeper logs --worker ${id}`],
    source: "spec 5",
  }),
  CIRCUIT_OPEN: defineError({
    status: 503,
    retryable: true,
    title: "model crashes too often",
    details: z.object({
      node: z.string().optional(),
      model: z.string(),
      crashes: z.int(),
      window_seconds: z.int(),
      retry_after_seconds: z.int(),
    }),
    message: ({ crashes, window_seconds: window }) =>
      `Workers of this model crashed ${crashes} times in ${window} s; starting it is paused.`,
    hint: ({ retry_after_seconds: seconds }) => [
      `Wait ${seconds} s, or see why: rbee-keeper logs --node <node>`,
    ],
    source: "spec 2, restart policy",
  }),
  LOADING_TIMEOUT: defineError({
    status: 504,
    retryable: true,
    title: "loading timeout",
    details: z.object({
      node: z.string().optional(),
      worker_id: z.string(),
      layers_loaded: z.int(),
      layers_total: z.int(),
      elapsed_seconds: z.number(),
      limit_seconds: z.number(),
    }),
    message: ({ limit_seconds: limit }) => `The model did not load within ${formatMinutes(limit)}.`,
    explain: (details) => [
      `State: loading (stuck at ${details.layers_loaded}/${details.layers_total} layers)`,
      `Elapsed: ${Math.round(details.elapsed_seconds)} s`,
    ],
    hint: ({ node, worker_id: id }) => [
      `rbee-keeper logs${node === undefined ? "" : ` --node ${node}`} --worker ${id}`,
    ],
    source: "scenarios 33, 42",
  }),
  WORKER_NOT_FOUND: defineError({
    status: 404,
    retryable: false,
    title: "worker not found",
    details: z.object({ worker_id: z.string() }),
    message: ({ worker_id: id }) => `There is no worker '${id}'.`,
    hint: () => ["rbee-keeper workers list"],
    source: "spec 5",
  }),
  WORKER_NOT_READY: defineError({
    status: 503,
    retryable: true,
    title: "worker not ready",
    details: z.object({ state: z.string() }),
    message: ({ state }) => `The worker is ${state}; it takes no request now.`,
    hint: () => ["Try again in a moment."],
    source: "spec 5",
  }),
  ALL_SLOTS_BUSY: defineError({
    status: 503,
    retryable: true,
    title: "all slots busy",
    details: z.object({
      slots_total: z.int(),
      slots_busy: z.int(),
      model: z.string().optional(),
    }),
    message: ({ slots_total: total, slots_busy: busy }) =>
      `All slots are busy (${busy} of ${total}).`,
    hint: () => [
      "Wait (leave out --no-wait), use another node, or give the worker more slots:",
      "rbee-keeper workers spawn --model <model> --slots <n>",
    ],
    source: "scenarios 35, 41",
  }),
  QUEUE_FULL: defineError({
    status: 503,
    retryable: true,
    title: "queue full",
    details: z.object({
      length: z.int(),
      limit: z.int(),
      retry_after_seconds: z.int(),
      estimated_wait_seconds: z.number().optional(),
    }),
    message: ({ length, limit }) => `The queue of this model is full (${length} of ${limit}).`,
    hint: ({ retry_after_seconds: seconds }) => [`Try again in ${seconds} s.`],
    source: "spec 4.2",
  }),
  QUEUE_TIMEOUT: defineError({
    status: 503,
    retryable: true,
    title: "queue wait too long",
    details: z.object({
      waited_seconds: z.number(),
      position: z.int(),
      estimated_wait_seconds: z.number().optional(),
      memory: z
        .object({ node: z.string(), required_mb: z.int(), available_mb: z.int() })
        .optional(),
    }),
    message: ({ waited_seconds: waited, memory }) =>
      `No ${memory === undefined ? "slot" : "memory"} became free within ${Math.round(waited)} s.`,
    explain: ({ position, estimated_wait_seconds: left, memory }) => [
      `Position in the queue: ${position}.`,
      ...(left === undefined ? [] : [`It would have taken about ${Math.ceil(left)} s more.`]),
      ...(memory === undefined
        ? []
        : [
            `On ${memory.node} it needs ${memory.required_mb} MB of ${memory.available_mb} MB free.`,
          ]),
    ],
    hint: ({ memory }) =>
      memory === undefined
        ? ["Try again later, use another node, or give the worker more slots."]
        : ["Try again later. What holds the memory: rbee-keeper placement explain <model>"],
    source: "spec 4.2, default 300 s",
  }),
} as const;

function formatMinutes(seconds: number): string {
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.round((seconds / 60) * 10) / 10;
  return `${minutes} minute${minutes === 1 ? "" : "s"}`;
}
