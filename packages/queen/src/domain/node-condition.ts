/** The condition of a machine behind SSH, as a look at it without its hive tells. */
export interface NodeCondition {
  readonly system: string;
  readonly machine: string;
  readonly clockUnix: number | undefined;
  /** The home folder, when nothing can be written there. */
  readonly unwritable: string | undefined;
  readonly program: string;
  /** What it said to `--version`; undefined: it is not there. */
  readonly programAnswer: string | undefined;
  readonly isProgramBlocked: boolean;
  readonly memoryFreeBytes: number | undefined;
  readonly memoryTotalBytes: number | undefined;
  readonly diskFreeBytes: number | undefined;
  /** The process that the hive's pid file names, and whether it is there. */
  readonly hivePid: number | undefined;
  readonly isHiveAlive: boolean;
  /** `-rw-------` of the hive's key. */
  readonly keyMode: string | undefined;
  readonly isPortTaken: boolean;
  readonly cards: readonly Card[];
  readonly hasNvidiaDriver: boolean;
  /** Undefined without the tool. */
  readonly nvidiaTool: { readonly exitCode: number; readonly line: string } | undefined;
}

/** A display adapter on the PCI bus. */
export interface Card {
  /** `0x10de`: NVIDIA. */
  readonly vendor: string;
  /** The kernel's driver that has it. */
  readonly driver: string | undefined;
}

/** Reads the `key=value` lines of the look; undefined when they are not whole. */
export function readNodeCondition(lines: readonly string[]): NodeCondition | undefined {
  const all = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
  const first = (key: string) => all(key)[0];
  if (first("end") === undefined) return undefined;
  const alive = readNumber(first("hive_running"));
  const tool = /^(\d+) (.*)$/.exec(first("nvidia_smi") ?? "");
  return {
    system: first("os") ?? "",
    machine: first("machine") ?? "",
    clockUnix: readNumber(first("clock")),
    unwritable: first("unwritable"),
    program: first("program") ?? "",
    programAnswer: first("version"),
    isProgramBlocked: first("program_state") !== undefined,
    memoryFreeBytes: readKilobytes(first("memory_free_kb")),
    memoryTotalBytes: readKilobytes(first("memory_total_kb")),
    diskFreeBytes: readKilobytes(/\s(\d+)\s+-?\d+%\s/.exec(first("disk") ?? "")?.[1]),
    hivePid: alive ?? readNumber(first("hive_gone")),
    isHiveAlive: alive !== undefined,
    keyMode: first("key_mode"),
    isPortTaken: first("listening") !== undefined,
    cards: all("card").map(readCard),
    hasNvidiaDriver: first("nvidia_driver") !== undefined,
    nvidiaTool: tool === null ? undefined : { exitCode: Number(tool[1]), line: tool[2] ?? "" },
  };
}

function readCard(line: string): Card {
  const [vendor = "", driver] = line.trim().split(" ");
  return { vendor, driver };
}

function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function readKilobytes(text: string | undefined): number | undefined {
  const kilobytes = readNumber(text);
  return kilobytes === undefined ? undefined : kilobytes * 1024;
}
