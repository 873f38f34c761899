import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { BackendName, backends, patterns, ports, sizes } from "@rbee/contract";

export interface WorkerFlags {
  readonly workerId: string;
  readonly modelPath: string;
  readonly modelReference: string;
  readonly backend: BackendName;
  readonly device: number;
  readonly host: string;
  readonly port: number;
  readonly callbackUrl: string | undefined;
  readonly slots: number | undefined;
  readonly contextSize: number;
  readonly threads: number | undefined;
  readonly keyDescriptor: number | undefined;
  readonly keyFile: string | undefined;
  readonly configFile: string | undefined;
}

export type FlagsResult =
  | { readonly kind: "run"; readonly flags: WorkerFlags }
  | { readonly kind: "help" | "version" }
  | { readonly kind: "wrong"; readonly reason: string };

interface Range {
  readonly min: number;
  readonly max: number;
}

const indexMax = 1023;
const limits = {
  device: { min: 0, max: indexMax },
  port: { min: ports.listenMin, max: ports.listenMax },
  slots: { min: 1, max: 64 },
  contextSize: { min: 16, max: 2 ** 31 - 1 },
  threads: { min: 1, max: 1024 },
  descriptor: { min: 0, max: indexMax },
} as const;

export const usage = `Usage: llm-worker-rbee --model <path> [options]

Keeps one model in memory and generates text over HTTP. A hive starts it; a person can, too.

  --model <path>         the GGUF file
  --model-ref <ref>      what the model is called (default: file:<path>)
  --worker-id <id>       letters, digits and - (default: worker)
  --backend <name>       ${backends.join(", ")} (default: cpu)
  --device <n>           which GPU of the backend (default: 0)
  --host <address>       where to listen (default: 127.0.0.1)
  --port <n>             ${ports.listenMin} to ${ports.listenMax} (default: ${ports.workerBase})
  --slots <n>            requests at once, up to ${limits.slots.max} (default: ${sizes.slotsAuto})
  --context <n>          tokens per slot (default: ${sizes.contextDefault}, or what the model has)
  --threads <n>          threads that compute (default: what pays on this machine)
  --callback-url <url>   whom to tell that HTTP is up
  --key-fd <n>           read the key from this descriptor and end when it ends
  --key-file <path>      read the key from a file with mode 600
  --config <file>        the configuration to use
  --help, --version

Example: llm-worker-rbee --model models/hello-bee/hello-bee-3m-q8_0.gguf --port ${ports.workerBase}
`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;

const options = {
  "worker-id": text,
  model: text,
  "model-ref": text,
  backend: text,
  device: text,
  host: text,
  port: text,
  "callback-url": text,
  slots: text,
  context: text,
  threads: text,
  "key-fd": text,
  "key-file": text,
  config: text,
  help: flag,
  version: flag,
} as const;

/** Reads the command line; what it does not say is filled in as far as nobody else knows better. */
export function parseFlags(commandLine: readonly string[]): FlagsResult {
  try {
    const { values } = parseArgs({ args: [...commandLine], options, strict: true });
    if (values.help === true) return { kind: "help" };
    if (values.version === true) return { kind: "version" };
    return { kind: "run", flags: readFlags(values) };
  } catch (error) {
    return { kind: "wrong", reason: error instanceof Error ? error.message : String(error) };
  }
}

type Values = Readonly<Partial<Record<keyof typeof options, string | boolean>>>;

function readFlags(values: Values): WorkerFlags {
  const word = (name: keyof typeof options): string | undefined => {
    const value = values[name];
    if (value === "") throw new Error(`--${name} needs a value`);
    return typeof value === "string" ? value : undefined;
  };
  const count = (name: keyof typeof options, range: Range): number | undefined => {
    const value = word(name);
    return value === undefined ? undefined : readCount(name, value, range);
  };
  const modelPath = word("model");
  if (modelPath === undefined) throw new Error("--model is missing");
  const flags: WorkerFlags = {
    workerId: readWorkerId(word("worker-id") ?? "worker"),
    modelPath: resolve(modelPath),
    modelReference: word("model-ref") ?? `file:${resolve(modelPath)}`,
    backend: readBackend(word("backend") ?? "cpu"),
    device: count("device", limits.device) ?? 0,
    host: word("host") ?? "127.0.0.1",
    port: count("port", limits.port) ?? ports.workerBase,
    callbackUrl: readUrl(word("callback-url")),
    slots: count("slots", limits.slots),
    contextSize: count("context", limits.contextSize) ?? sizes.contextDefault,
    threads: count("threads", limits.threads),
    keyDescriptor: count("key-fd", limits.descriptor),
    keyFile: word("key-file"),
    configFile: word("config"),
  };
  if (flags.keyDescriptor !== undefined && flags.keyFile !== undefined) {
    throw new Error("--key-fd and --key-file exclude each other");
  }
  return flags;
}

function readCount(name: string, value: string, { min, max }: Range): number {
  const count = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (count >= min && count <= max) return count;
  throw new Error(`--${name} must be a whole number from ${min} to ${max}`);
}

function readWorkerId(value: string): string {
  if (patterns.workerId.test(value) && value.length <= sizes.identifierMax) return value;
  throw new Error(`--worker-id may have letters, digits and -, at most ${sizes.identifierMax}`);
}

function readBackend(value: string): BackendName {
  const parsed = BackendName.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`--backend must be one of ${backends.join(", ")}`);
}

function readUrl(value: string | undefined): string | undefined {
  if (value === undefined || /^https?:$/.test(URL.parse(value)?.protocol ?? "")) return value;
  throw new Error("--callback-url must be an http or https address");
}
