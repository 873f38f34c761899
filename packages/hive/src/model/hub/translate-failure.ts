import { RbeeError, timings } from "@rbee/contract";
import { WriteError } from "./byte-sink.ts";
import { describeCause, StallError } from "./describe-cause.ts";
import { createFullDiskError } from "./disk-room.ts";
import type { DiskWorld } from "./disk-room.ts";
import { describeRefusal, HubRefusal } from "./hub-refusal.ts";

interface FailedDownload {
  readonly model: string;
  readonly hasToken: boolean;
  /** Where on disk it was to be. */
  readonly target: string;
  readonly bytesDownloaded: number;
  readonly bytesTotal: number;
  readonly disk: DiskWorld;
}

const fullDiskCodes = new Set(["ENOSPC", "EDQUOT"]);

/** What ended a download, in the words of the catalogue. */
export async function translateFailure(error: unknown, failed: FailedDownload): Promise<RbeeError> {
  if (RbeeError.is(error)) return error;
  const { model, hasToken, target, bytesDownloaded, bytesTotal, disk } = failed;
  if (error instanceof HubRefusal && error.isFinal) {
    return describeRefusal(error, { model, hasToken, node: disk.node });
  }
  const { code = "", path } = (
    error instanceof WriteError ? error.cause : error
  ) as NodeJS.ErrnoException;
  if (fullDiskCodes.has(code)) {
    const missingBytes = bytesTotal - bytesDownloaded;
    return await createFullDiskError(disk, { missingBytes, presentBytes: bytesDownloaded });
  }
  // Only what is asked of files names a path.
  if (path !== undefined) {
    return new RbeeError("PERMISSION_DENIED", { path: target }, { cause: error });
  }
  const reached = {
    model,
    attempts: timings.downloadAttempts,
    bytes_downloaded: bytesDownloaded,
    bytes_total: bytesTotal,
  };
  if (error instanceof StallError) {
    const details = { ...reached, stall_seconds: error.seconds };
    return new RbeeError("DOWNLOAD_TIMEOUT", details, { cause: error });
  }
  return new RbeeError(
    "DOWNLOAD_FAILED",
    { ...reached, cause: describeCause(error) },
    { cause: error },
  );
}
