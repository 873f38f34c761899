import { parseArgs } from "node:util";

export interface QueenFlags {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly database: string | undefined;
  readonly configFile: string | undefined;
  readonly readyDescriptor: number | undefined;
  readonly lifelineDescriptor: number | undefined;
}

export type FlagsResult =
  | { readonly kind: "run"; readonly flags: QueenFlags }
  | { readonly kind: "help" | "version" }
  | { readonly kind: "wrong"; readonly reason: string };

export const usage = `Usage: queen-rbee [daemon] [options]

Knows the nodes and their workers, decides where a request runs, and brings its tokens back.
rbee-keeper starts it when it is needed; a person or a service can, too.

  --port <n>             where to listen, 1024 to 65535 (default: [queen] port)
  --host <address>       default: [queen] host; other machines need [queen] api_key_file
  --database <file>      the registry of nodes (default: beehives.db in RBEE_HOME)
  --config <file>        the configuration to use
  --ready-fd <n>         tell on this descriptor, by one line of JSON, that it listens
  --lifeline-fd <n>      stop, hives included, when this descriptor ends
  --help, --version

Example: queen-rbee daemon --port 18080
`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const options = {
  host: text,
  port: text,
  database: text,
  config: text,
  "ready-fd": text,
  "lifeline-fd": text,
  help: flag,
  version: flag,
} as const;

/** Reads the command line; what a value may be is for the settings to judge. */
export function parseFlags(commandLine: readonly string[]): FlagsResult {
  const [first, ...rest] = commandLine;
  const words = first === "daemon" ? rest : [...commandLine];
  try {
    const { values } = parseArgs({ args: words, options, strict: true });
    if (values.help === true) return { kind: "help" };
    if (values.version === true) return { kind: "version" };
    return {
      kind: "run",
      flags: {
        host: values.host,
        port: wholeNumber("--port", values.port),
        database: values.database,
        configFile: values.config,
        readyDescriptor: wholeNumber("--ready-fd", values["ready-fd"]),
        lifelineDescriptor: wholeNumber("--lifeline-fd", values["lifeline-fd"]),
      },
    };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { kind: "wrong", reason };
  }
}

function wholeNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  throw new Error(`${name} needs a whole number`);
}
