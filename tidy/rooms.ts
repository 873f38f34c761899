/** Which package may import which of ours. docs/architecture.md shows the same table. */
export const packageEdges: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  settings: ["contract"],
  sdk: ["contract"],
  telemetry: ["contract"],
  daemon: ["contract", "settings", "telemetry"],
  payload: ["contract", "settings"],
  console: ["contract", "sdk"],
  keeper: ["contract", "sdk", "settings", "payload", "telemetry"],
  queen: ["contract", "sdk", "daemon", "settings", "payload", "telemetry"],
  hive: ["contract", "sdk", "daemon", "settings", "telemetry"],
  worker: ["contract", "daemon", "settings", "telemetry"],
};

/** Folders inside a program that decide, and must not know the world. */
export const pureFolder = "domain";

/** Folders inside a program that ask the world; they know neither `http` nor each other. */
export const worldFolders = [
  "gateway",
  "ssh",
  "install",
  "store",
  "process",
  "device",
  "model",
  "engine",
];

/** Modules that only some files may import, with the reason. */
export const singlePermissions: readonly {
  readonly module: RegExp;
  readonly files: RegExp;
  readonly reason: string;
}[] = [
  {
    module: /^@opentelemetry\//,
    files: /^packages\/telemetry\/src\/create-otlp-tracer\.ts$/,
    reason: "its libraries are read only by who wants traces",
  },
  {
    module: /^node-llama-cpp$/,
    files: /^packages\/worker\/src\/engine\/[a-z-]+\.ts$/,
    reason: "llama.cpp is known in the engine room only",
  },
  {
    module: /^node:child_process$/,
    files:
      /^packages\/(?:daemon\/src\/launch-daemon|hive\/src\/process\/worker-process|hive\/src\/device\/[a-z-]+|queen\/src\/ssh\/run-ssh|keeper\/src\/ensure-queen|payload\/src\/make-bundle|payload\/src\/unpack\/try-program)\.ts$/,
    reason: "processes are started in a few places, so that each has an owner who waits for it",
  },
  {
    module: /^node:sqlite$/,
    files: /^packages\/(?:daemon\/src\/open-database|(?:hive|queen)\/src\/store\/[a-z-]+)\.ts$/,
    reason: "databases are opened in one way and known in store/ only",
  },
];
