import { parseArgs } from "node:util";

export interface WorkerFlags {
  readonly workerId: string | undefined;
  readonly modelPath: string;
  readonly modelReference: string | undefined;
  readonly backend: string;
  readonly device: number;
  readonly host: string;
  readonly port: number | undefined;
  readonly callbackUrl: string | undefined;
  readonly slots: number | undefined;
  readonly contextSize: number | undefined;
  readonly threads: number | undefined;
  readonly keyDescriptor: number | undefined;
  readonly keyFile: string | undefined;
  readonly configFile: string | undefined;
}

export type FlagsResult =
  | { readonly kind: "run"; readonly flags: WorkerFlags }
  | { readonly kind: "help" | "version" }
  | { readonly kind: "wrong"; readonly reason: string };

export const usage = `Usage: llm-worker-rbee --model <path> [options]

Keeps one model in memory and generates text over HTTP. A hive starts it; a person can, too.

  --model <path>         the GGUF file
  --model-ref <ref>      what the model is called (default: file:<path>)
  --worker-id <id>       letters, digits and - (default: worker)
  --backend <name>       cpu, cuda, metal, vulkan or rocm (default: cpu)
  --device <n>           which GPU of the backend (default: 0)
  --host <address>       where to listen (default: 127.0.0.1)
  --port <n>             1024 to 65535 (default: 8001)
  --slots <n>            requests computed together, 1 to 64 (default: 4)
  --context <n>          tokens per slot, from 16 (default: 8192, at most the model's own)
  --threads <n>          threads that compute (default: what pays on this machine)
  --callback-url <url>   whom to tell that HTTP is up
  --key-fd <n>           read the key from this descriptor and end when it ends
  --key-file <path>      read the key from a file with mode 600
  --config <file>        the configuration to use
  --help, --version

Example: llm-worker-rbee --model models/hello-bee/hello-bee-3m-q8_0.gguf --port 8001
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

interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * Reads the command line. It imports nothing of ours, because the engine starts to warm up as soon
 * as it is done; what the contract knows better (names of backends, defaults) is checked later.
 */
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
    workerId: word("worker-id"),
    modelPath,
    modelReference: word("model-ref"),
    backend: word("backend") ?? "cpu",
    device: count("device", { min: 0, max: 1023 }) ?? 0,
    host: word("host") ?? "127.0.0.1",
    port: count("port", { min: 1024, max: 65_535 }),
    callbackUrl: word("callback-url"),
    slots: count("slots", { min: 1, max: 64 }),
    contextSize: count("context", { min: 16, max: 2 ** 31 - 1 }),
    threads: count("threads", { min: 1, max: 1024 }),
    keyDescriptor: count("key-fd", { min: 0, max: 1023 }),
    keyFile: word("key-file"),
    configFile: word("config"),
  };
  requireSense(flags);
  return flags;
}

function readCount(name: string, value: string, { min, max }: Range): number {
  const count = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (count >= min && count <= max) return count;
  throw new Error(`--${name} must be a whole number from ${min} to ${max}`);
}

function requireSense({ workerId, callbackUrl, keyDescriptor, keyFile }: WorkerFlags): void {
  if (workerId !== undefined && !/^[A-Za-z0-9-]{1,64}$/.test(workerId)) {
    throw new Error("--worker-id may have letters, digits and -, at most 64");
  }
  if (callbackUrl !== undefined && !/^https?:$/.test(URL.parse(callbackUrl)?.protocol ?? "")) {
    throw new Error("--callback-url must be an http or https address");
  }
  if (keyDescriptor !== undefined && keyFile !== undefined) {
    throw new Error("--key-fd and --key-file exclude each other");
  }
}
