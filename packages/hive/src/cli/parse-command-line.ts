import { parseArgs } from "node:util";
import { ports } from "@rbee/contract";
import { usage } from "./usage.ts";

export interface DaemonCommand {
  readonly type: "daemon";
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly configFile: string | undefined;
  readonly node: string | undefined;
  readonly startedBy: string | undefined;
  readonly readyDescriptor: number | undefined;
}

/** Starts the daemon in the background and tells how that went. */
export interface StartCommand {
  readonly type: "start";
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** Where to listen unless this node's configuration says where. */
  readonly defaultAddress: HostAndPort | undefined;
  readonly configFile: string | undefined;
  readonly node: string | undefined;
  readonly startedBy: string | undefined;
  /** The first line of stdin is the key that the hive is to have. */
  readonly takesKey: boolean;
  readonly isJson: boolean;
}

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export interface NodeCommand {
  readonly type: "node";
  /** `status`, `models list`, `worker spawn`: one of `nodeCommands`. */
  readonly name: string;
  readonly argument: string | undefined;
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly isJson: boolean;
  readonly port: number | undefined;
  readonly configFile: string | undefined;
}

export type CommandLine =
  | DaemonCommand
  | StartCommand
  | NodeCommand
  | { readonly type: "help" }
  | { readonly type: "version" };

/** Wrong usage: the only thing that exits with 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The commands for a person on the node, and whether they want a model or an id. */
export const nodeCommands: Readonly<Record<string, "none" | "optional" | "needed">> = {
  status: "none",
  stop: "none",
  detect: "none",
  "models list": "none",
  "models show": "needed",
  "models pull": "needed",
  "models rm": "needed",
  "models verify": "optional",
  "worker list": "none",
  "worker spawn": "needed",
  "worker stop": "needed",
};

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const common = { config: text, port: text, help: { ...flag, short: "h" }, version: flag } as const;
const whoAndWhere = {
  ...common,
  host: text,
  addr: text,
  node: text,
  "started-by": text,
} as const;
const daemonFlags = { ...whoAndWhere, "ready-fd": text } as const;
const startFlags = {
  ...whoAndWhere,
  "default-addr": text,
  "key-stdin": flag,
  json: flag,
} as const;
const placementFlags = { backend: text, device: text, slots: text, context: text } as const;

/** Reads the words after the program's name. Throws UsageError. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const [first] = words;
  if (first === "start") return parseStart(words.slice(1));
  const isDaemon = first === undefined || first === "daemon" || first.startsWith("-");
  return isDaemon
    ? parseDaemon(first === "daemon" ? words.slice(1) : words)
    : parseNodeCommand(words);
}

function parseDaemon(words: readonly string[]): CommandLine {
  const { values, positionals } = parseWords(words, daemonFlags);
  if (values["help"] === true) return { type: "help" };
  if (values["version"] === true) return { type: "version" };
  if (positionals.length > 0) throw new UsageError(`unexpected word '${positionals[0]}'`);
  const readyDescriptor = parseNumber("--ready-fd", values["ready-fd"] as string | undefined);
  return { type: "daemon", ...readWhoAndWhere(values), readyDescriptor };
}

function parseStart(words: readonly string[]): CommandLine {
  const { values, positionals } = parseWords(words, startFlags);
  if (values["help"] === true) return { type: "help" };
  if (positionals.length > 0) throw new UsageError(`unexpected word '${positionals[0]}'`);
  return {
    type: "start",
    ...readWhoAndWhere(values),
    defaultAddress: parseAddress("--default-addr", values["default-addr"] as string | undefined),
    takesKey: values["key-stdin"] === true,
    isJson: values["json"] === true,
  };
}

function readWhoAndWhere(values: Readonly<Record<string, unknown>>) {
  const given = (name: string) => values[name] as string | undefined;
  const address = parseAddress("--addr", given("addr"));
  return {
    host: given("host") ?? address?.host,
    port: parsePort("--port", given("port")) ?? address?.port,
    configFile: given("config"),
    node: given("node"),
    startedBy: given("started-by"),
  };
}

function parseNodeCommand(words: readonly string[]): CommandLine {
  const isSpawn = words[0] === "worker" && words[1] === "spawn";
  const flags = { ...common, json: flag, ...(isSpawn ? placementFlags : {}) };
  const { values, positionals } = parseWords(words, flags);
  if (values["help"] === true) return { type: "help" };
  const [noun = "", verb] = positionals;
  const isPlain = noun in nodeCommands;
  const name = isPlain ? noun : `${noun} ${verb ?? "list"}`;
  const wanted = nodeCommands[name];
  if (wanted === undefined) throw new UsageError(`unknown command '${positionals.join(" ")}'`);
  const [argument, ...rest] = positionals.slice(isPlain ? 1 : 2);
  if (wanted === "needed" && argument === undefined) {
    throw new UsageError(
      `'${name}' needs ${name.startsWith("models") || isSpawn ? "a model" : "a worker id"}`,
    );
  }
  const extra = wanted === "none" ? argument : rest[0];
  if (extra !== undefined) throw new UsageError(`unexpected word '${extra}'`);
  return {
    type: "node",
    name,
    argument,
    flags: values as Record<string, string | undefined>,
    isJson: values["json"] === true,
    port: parsePort("--port", values["port"] as string | undefined),
    configFile: values["config"] as string | undefined,
  };
}

type Flags = Readonly<Record<string, { readonly type: "string" | "boolean" }>>;

function parseWords(words: readonly string[], options: Flags) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    // The first sentence says which flag; the rest is advice about the syntax of parseArgs.
    const sentence = error instanceof Error ? (error.message.split(". ")[0] ?? "") : "";
    throw new UsageError(sentence, { cause: error });
  }
}

function parseAddress(name: string, address: string | undefined): HostAndPort | undefined {
  if (address === undefined) return undefined;
  const at = address.lastIndexOf(":");
  const host = address.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  const port = parsePort(name, address.slice(at + 1));
  if (at <= 0 || port === undefined) throw new UsageError(`${name} needs <host>:<port>`);
  return { host, port };
}

function parsePort(name: string, text: string | undefined): number | undefined {
  const port = parseNumber(name, text);
  if (port === undefined || (port >= ports.listenMin && port <= ports.listenMax)) return port;
  throw new UsageError(`${name} needs a port from ${ports.listenMin} to ${ports.listenMax}`);
}

export function parseNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`${name} needs a whole number, not '${text}'`);
}

export function usageError(error: UsageError): string {
  return `rbee-hive: ${error.message}\n\n${usage}`;
}
