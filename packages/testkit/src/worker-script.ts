import { parseArgs } from "node:util";

/**
 * What a scripted worker is told to do: the words of the worker contract, as every hive gives
 * them, and before them the faults that its manifest names.
 */
export interface WorkerScript {
  readonly workerId: string;
  readonly modelRef: string;
  readonly backend: string;
  readonly device: number;
  readonly host: string;
  readonly port: number;
  readonly callbackUrl: string | undefined;
  readonly slots: number;
  readonly context: number;
  readonly layersTotal: number;
  readonly layerMs: number;
  readonly tokenMs: number;
  /** Every token is the time of the machine's monotonic clock, in nanoseconds, when it is sent. */
  readonly stampsTokens: boolean;
  /** A file whose text is said, over and over, in place of the same few words. */
  readonly textFile: string | undefined;
  /** All slots make their tokens at the same moments, as an engine that computes them together. */
  readonly isInStep: boolean;
  /** A prompt such as `fault: die after-token` gets what it asks for. */
  readonly failsByPrompt: boolean;
  /** Every request ends with an error of the engine before this token. */
  readonly failsAtToken: number | undefined;
  /** Streams may share a connection. */
  readonly offersFrames: boolean;
  readonly memoryMb: number;
  /** Exits before it listens. */
  readonly diesAtStart: boolean;
  /** Runs, and neither listens nor says anything. */
  readonly isSilent: boolean;
  /** Says that somebody else has this port. */
  readonly takenPort: number | undefined;
  /** Loading goes no further than this layer. */
  readonly stuckAtLayer: number | undefined;
  readonly diesAtLayer: number | undefined;
  /** The model is refused while it loads, as a broken file is. */
  readonly refusesModel: boolean;
  readonly diesAtToken: number | undefined;
  readonly hangsAtToken: number | undefined;
  /** Dies so long after it became ready. */
  readonly diesAfterMs: number | undefined;
  /** Once it is ready its health route answers no more. */
  readonly hangsHealth: boolean;
  /** Neither the shutdown route nor SIGTERM ends it. */
  readonly ignoresStop: boolean;
  /** How it dies where it dies: a signal or an exit code. */
  readonly death: NodeJS.Signals | number;
}

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;

const options = {
  "worker-id": { ...text, default: "worker-scripted" },
  model: text,
  "model-ref": { ...text, default: "hello-bee" },
  backend: { ...text, default: "cpu" },
  device: { ...text, default: "0" },
  host: { ...text, default: "127.0.0.1" },
  port: text,
  "callback-url": text,
  slots: { ...text, default: "1" },
  context: { ...text, default: "512" },
  "key-fd": text,
  threads: text,
  layers: { ...text, default: "32" },
  "layer-ms": { ...text, default: "5" },
  "token-ms": { ...text, default: "5" },
  "stamp-tokens": flag,
  "say-file": text,
  "in-step": flag,
  "offer-frames": flag,
  "fail-by-prompt": flag,
  "fail-at-token": text,
  "offer-slots": text,
  "memory-mb": { ...text, default: "10" },
  "die-at-start": flag,
  silent: flag,
  "taken-port": text,
  "stick-at": text,
  "die-at-layer": text,
  "refuse-model": flag,
  "die-at-token": text,
  "hang-at-token": text,
  "die-after-ms": text,
  "hang-health": flag,
  "ignore-stop": flag,
  death: { ...text, default: "SIGKILL" },
} as const;

export function parseWorkerScript(words: readonly string[]): WorkerScript {
  const { values } = parseArgs({ args: [...words], strict: true, options });
  // `28/32` names the layer and how many there are.
  const [stuckAt, ofLayers] = values["stick-at"]?.split("/") ?? [];
  return {
    workerId: values["worker-id"],
    modelRef: values["model-ref"],
    backend: values.backend,
    device: Number(values.device),
    host: values.host,
    port: Number(values.port),
    callbackUrl: values["callback-url"],
    // An engine of its own mind has other slots than those it was asked for.
    slots: Number(values["offer-slots"] ?? values.slots),
    context: Number(values.context),
    layersTotal: Number(ofLayers ?? values.layers),
    layerMs: Number(values["layer-ms"]),
    tokenMs: Number(values["token-ms"]),
    stampsTokens: values["stamp-tokens"],
    textFile: values["say-file"],
    isInStep: values["in-step"],
    offersFrames: values["offer-frames"],
    failsByPrompt: values["fail-by-prompt"],
    failsAtToken: optionalNumber(values["fail-at-token"]),
    memoryMb: Number(values["memory-mb"]),
    diesAtStart: values["die-at-start"],
    isSilent: values.silent,
    takenPort: optionalNumber(values["taken-port"]),
    stuckAtLayer: optionalNumber(stuckAt),
    diesAtLayer: optionalNumber(values["die-at-layer"]),
    refusesModel: values["refuse-model"],
    diesAtToken: optionalNumber(values["die-at-token"]),
    hangsAtToken: optionalNumber(values["hang-at-token"]),
    diesAfterMs: optionalNumber(values["die-after-ms"]),
    hangsHealth: values["hang-health"],
    ignoresStop: values["ignore-stop"],
    death: /^\d+$/.test(values.death) ? Number(values.death) : (values.death as NodeJS.Signals),
  };
}

function optionalNumber(words: string | undefined): number | undefined {
  return words === undefined ? undefined : Number(words);
}

/** Ends this process as the script says a worker of its kind dies. */
export function die(death: WorkerScript["death"]): void {
  if (typeof death === "number") process.exit(death);
  process.kill(process.pid, death);
}
