/** What is asked: facts of a model, its list of files, the address of a file, or its bytes. */
export type HubRequestKind = "info" | "tree" | "resolve" | "content";

/** Where in the file something happens: a share of it, or a byte. */
type HubPlace = { readonly atShare: number } | { readonly atByte: number };

/** What goes wrong with one request, or with `times` of them. */
export type HubFault = {
  /** Content by default. */
  readonly on?: HubRequestKind;
  /** Only for the file of this name. */
  readonly file?: string;
  readonly times?: number;
} & (
  | ({ readonly kind: "reset" | "stall" | "truncate" | "corrupt" } & HubPlace)
  | { readonly kind: "slow"; readonly bytesPerSecond: number }
  | { readonly kind: "status"; readonly status: number; readonly retryAfterSeconds?: number }
  /** The connection is closed without an answer. */
  | { readonly kind: "hang-up" }
);

/** The script of what goes wrong: faults are used up in the order in which they stand. */
export class HubFaults {
  #waiting: { readonly fault: HubFault; left: number }[] = [];

  add(faults: readonly HubFault[]): void {
    this.#waiting.push(...faults.map((fault) => ({ fault, left: fault.times ?? 1 })));
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The fault that this request meets, if any. */
  take(kind: HubRequestKind, file?: string): HubFault | undefined {
    const found = this.#waiting.find(
      ({ fault, left }) =>
        left > 0 &&
        (fault.on ?? "content") === kind &&
        (fault.file === undefined || fault.file === file),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  }
}

/** The byte of the file at which a fault happens; undefined for one that has no place. */
export function placeOf(fault: HubFault, sizeBytes: number): number | undefined {
  if ("atByte" in fault) return fault.atByte;
  return "atShare" in fault ? Math.floor(fault.atShare * sizeBytes) : undefined;
}
