import { RbeeError, sizes } from "@rbee/contract";
import type { UnpackEvent } from "@rbee/payload";

export type UnpackFailed = Extract<UnpackEvent, { readonly event: "failed" }>;

interface Failure {
  readonly step: string;
  readonly reason: string;
  readonly lastLines?: readonly string[];
}

export function installFailed(
  node: string,
  { step, reason, lastLines = [] }: Failure,
  cause?: unknown,
): RbeeError {
  const details = { node, step, reason, last_lines: [...lastLines] };
  return new RbeeError("INSTALL_FAILED", details, { cause });
}

interface Space {
  readonly bytesNeeded: number;
  readonly bytesFree: number;
}

// Directories, the journal, and the first lines of logs want some too.
const bytesReserved = 16 * sizes.bytesPerMb;

/** Throws INSUFFICIENT_DISK. */
export function requireSpace(node: string, { bytesNeeded, bytesFree }: Space): void {
  if (bytesNeeded === 0 || bytesNeeded + bytesReserved <= bytesFree) return;
  throw insufficientDisk(node, { bytesNeeded, bytesFree });
}

export function insufficientDisk(node: string, { bytesNeeded, bytesFree }: Space): RbeeError {
  return new RbeeError("INSUFFICIENT_DISK", {
    node,
    required: Math.ceil((bytesNeeded + bytesReserved) / sizes.bytesPerMb),
    available: Math.floor(bytesFree / sizes.bytesPerMb),
    largest: [],
  });
}
