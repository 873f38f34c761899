import { backends, placementLimits, ports, sizes, timings } from "@rbee/contract";
import { z } from "zod";

const port = z.int().min(ports.listenMin).max(ports.listenMax);
const path = z.string().min(1).max(4096);
const megabytes = z.int().min(1);
const seconds = (milliseconds: number) =>
  z
    .number()
    .min(0.001)
    .max(86_400)
    .default(milliseconds / 1000);

const loopback = "127.0.0.1";
/** Who may read `/metrics`: everybody who reaches the port, keys of scope `operate`, nobody. */
const metricsAccess = z.enum(["public", "key", "off"]).default("public");

/** The origins of web pages: a list, or one text with commas, which is what it becomes. */
const originPattern = "(?:\\*|[a-z][a-z0-9+.-]*://[^\\s,/]+)";
const origin = z
  .string()
  .regex(new RegExp(`^${originPattern}$`), "must be * or an origin: https://app.example.org");
const origins = z.union([
  z.array(origin).transform((list) => list.join(",")),
  z
    .string()
    .regex(
      new RegExp(`^${originPattern}(?:,${originPattern})*$`),
      "must be * or origins with commas between: https://app.example.org,http://localhost:3000",
    ),
]);

/** References or aliases: a list, or one text with commas, which is what it becomes. */
const pinnedModel = z
  .string()
  .min(1)
  .max(sizes.modelReferenceMax)
  .regex(/^[^,]+$/);
const pinnedModels = z.union([
  z.array(pinnedModel).transform((list) => list.join(",")),
  z.string().regex(/^[^,]+(?:,[^,]+)*$/, "must be model references with commas between"),
]);

/** The whole configuration with its defaults. Sections and keys are those of the TOML file. */
export const Settings = z.strictObject({
  queen: z
    .strictObject({
      host: z.string().min(1).default(loopback),
      port: port.default(ports.queen),
      /** The registry of nodes; default `beehives.db` in RBEE_HOME. */
      database: path.optional(),
      /** The key that clients must show. Needed when `host` is not a loopback address. */
      api_key_file: path.optional(),
      queue_limit: z.int().min(0).max(100_000).default(sizes.queueLengthMax),
      queue_wait: seconds(sizes.queueWaitMs),
      /** Models whose workers are never stopped to make room, nor for being idle. */
      pinned: pinnedModels.optional(),
      /** A worker that is ready for less than this is not stopped to make room. */
      residency: seconds(placementLimits.eviction.residencyMs),
      /** A task that waits longer than this for room may have a busy worker drained. */
      patience: seconds(placementLimits.eviction.patienceMs),
      /** The body of a chat; images in it make it large. */
      chat_body_limit_mb: megabytes.max(sizes.chatBodyMb.max).default(sizes.chatBodyMb.default),
      metrics: metricsAccess,
      /** Whose web pages may ask this queen from a browser (CORS). None by default. */
      cors_origins: origins.optional(),
    })
    .prefault({}),
  hive: z
    .strictObject({
      host: z.string().min(1).default(loopback),
      port: port.default(ports.hive),
      /** What rbee may use of this machine's memory in all; no limit of ours by default. */
      memory_limit_mb: megabytes.optional(),
      /** What the models of rbee may use on disk. */
      disk_limit_mb: megabytes.optional(),
      worker_port_base: port.default(ports.workerBase),
      models_dir: path.optional(),
      /** Where `hf:` models come from, before HF_ENDPOINT; default https://huggingface.co. */
      hub_endpoint: z.url({ protocol: /^https?$/ }).optional(),
      /** The person's token for the hub, before HF_TOKEN. */
      hub_token_file: path.optional(),
      /** Default `keys/hive.key` in RBEE_HOME, when that file exists. */
      api_key_file: path.optional(),
      metrics: metricsAccess,
    })
    .prefault({}),
  worker: z
    .strictObject({
      /** Another worker program than the installed one, described by its manifest. */
      manifest: path.optional(),
      backend: z.enum(backends).optional(),
      /** Threads that compute; chosen from the cores at hand by default. */
      threads: z.int().min(1).max(1024).optional(),
      slots: z.int().min(1).max(64).optional(),
      metrics: metricsAccess,
    })
    .prefault({}),
  keeper: z
    .strictObject({
      queen_url: z.url({ protocol: /^https?$/ }).default(`http://${loopback}:${ports.queen}`),
      api_key_file: path.optional(),
      ephemeral: z.boolean().default(false),
    })
    .prefault({}),
  paths: z
    .strictObject({
      /** Where logs go; default `logs` in RBEE_HOME. */
      logs_dir: path.optional(),
    })
    .prefault({}),
  timeouts: z
    .strictObject({
      connect: seconds(timings.connectTimeoutMs),
      worker_start: seconds(timings.workerStartTimeoutMs),
      model_load: seconds(timings.modelLoadTimeoutMs),
      idle_worker: seconds(timings.idleWorkerMs),
      idle_check: seconds(timings.idleCheckIntervalMs),
      health_interval: seconds(timings.workerHealthIntervalMs),
      health_timeout: seconds(timings.workerHealthTimeoutMs),
      heartbeat: seconds(timings.heartbeatIntervalMs),
      token_stall: seconds(timings.tokenStallMs),
      download_stall: seconds(timings.downloadStallMs),
      inference: seconds(timings.inferenceTimeoutMs),
      drain: seconds(timings.drainMs),
      shutdown: seconds(timings.queenShutdownMs),
      queen_lease: seconds(timings.queenLeaseMs),
    })
    .prefault({}),
  /** Traces for an OpenTelemetry collector; nothing is collected without an endpoint. */
  telemetry: z
    .strictObject({
      otlp_endpoint: z.url({ protocol: /^https?$/ }).optional(),
      sample_ratio: z.number().min(0).max(1).default(1),
    })
    .prefault({}),
  /** Short names for model references: `small = "file:/models/small.gguf"`. */
  aliases: z
    .record(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
      z.string().min(1).max(sizes.modelReferenceMax),
    )
    .prefault({}),
  remote: z
    .strictObject({ binary_path: path.optional(), git_repo_dir: path.optional() })
    .prefault({}),
});
export type Settings = z.infer<typeof Settings>;
