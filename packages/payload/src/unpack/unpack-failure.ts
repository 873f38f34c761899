import type { UnpackEvent } from "./unpack-protocol.ts";

type Failure = Extract<UnpackEvent, { readonly event: "failed" }>;

/** Ends the unpacking with what the control node is told. */
export class UnpackFailure extends Error {
  override readonly name = "UnpackFailure";
  readonly failure: Failure;

  constructor(failure: Omit<Failure, "event" | "lastLines"> & { lastLines?: readonly string[] }) {
    super(failure.reason);
    this.failure = { event: "failed", lastLines: [], ...failure };
  }
}

const kinds: Readonly<Record<string, Failure["kind"]>> = {
  ENOSPC: "disk-full",
  EDQUOT: "disk-full",
  EACCES: "permission",
  EPERM: "permission",
  EROFS: "permission",
};

/** Whatever was thrown, as what the control node is told. */
export function describeFailure(error: unknown, step: string): Failure {
  if (error instanceof UnpackFailure) return error.failure;
  const { code = "", message } = error as NodeJS.ErrnoException;
  const kind = kinds[code] ?? "other";
  return { event: "failed", kind, step, reason: message, lastLines: [] };
}
