import { stat } from "node:fs/promises";
import { RbeeError, sizes } from "@rbee/contract";
import type { ProgressEvent } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import { digestFile } from "../digest-file.ts";
import type { HubRequester } from "./hub-request.ts";
import { PartialFile } from "./partial-file.ts";
import type { ProgressMeter } from "./progress-meter.ts";
import { receiveContent } from "./receive-content.ts";
import { tellBreak } from "./tell-break.ts";
import { withAttempts } from "./with-attempts.ts";

/** One file of a model on its way. */
export interface FileDownload {
  readonly model: string;
  readonly name: string;
  readonly url: string;
  readonly target: string;
  readonly sizeBytes: number;
  readonly sha256: string | null;
  /** When the whole file was written that was checked, if it was. */
  readonly checkedAtMs: number | null;
  /** False when the part on disk may be one of another file. */
  readonly mayContinue: boolean;
  readonly etag: string | null;
  readonly requester: HubRequester;
  readonly stallMs: number;
  readonly meter: ProgressMeter;
  /** Bytes of the files of the model before this one. */
  readonly offset: number;
  readonly narrate: Narrate;
  readonly onProgress: (event: ProgressEvent) => void;
  /** All bytes are here; the digest is next. */
  readonly onWhole: () => void;
  readonly onEtag: (etag: string | null) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface DownloadedFile {
  readonly sha256: string;
  readonly modifiedAtMs: number;
}

/**
 * Gets one file whole, goes on with what an earlier run left of it, and compares its digest with
 * the hub's. Throws CHECKSUM_MISMATCH when it is wrong twice, and what the last attempt broke with.
 */
export async function downloadFile(download: FileDownload): Promise<DownloadedFile> {
  const present = await findPresent(download);
  if (present !== undefined) return present;
  await using partial = await PartialFile.open(download.target);
  if (download.mayContinue) await partial.continueFrom(download.sizeBytes, download.signal);
  else await partial.restart();
  download.meter.moveTo(download.offset + partial.length);
  download.meter.tell();
  if (partial.length > 0) tellContinued(download, partial.length);
  const digest = await receiveChecked(download, partial);
  return { sha256: digest, modifiedAtMs: await partial.finish(download.target) };
}

// The whole file, under its name, with the right digest: copied here, or of an earlier run.
async function findPresent(download: FileDownload): Promise<DownloadedFile | undefined> {
  const { target, sizeBytes, sha256, checkedAtMs, signal, meter, offset } = download;
  const status = await stat(target).catch(() => undefined);
  if (sha256 === null || status?.isFile() !== true || status.size !== sizeBytes) return undefined;
  const modifiedAtMs = Math.trunc(status.mtimeMs);
  const isGood = modifiedAtMs === checkedAtMs || (await digestFile(target, signal)) === sha256;
  if (!isGood) return undefined;
  meter.moveTo(offset + sizeBytes);
  return { sha256, modifiedAtMs };
}

async function receiveChecked(download: FileDownload, partial: PartialFile): Promise<string> {
  const { sha256, model } = download;
  for (let isSecond = false; ; isSecond = true) {
    await receiveWhole(download, partial);
    download.onWhole();
    const found = partial.digest();
    if (sha256 === null || found === sha256) return found;
    await partial.restart();
    download.meter.moveTo(download.offset);
    if (isSecond) throw new RbeeError("CHECKSUM_MISMATCH", { model, expected: sha256, found });
    const human = `${download.name} is not what the hub published (SHA-256); it is fetched again`;
    download.narrate({ action: "download-wrong", level: "warn", human, cute: `🧪 ${human}` });
  }
}

async function receiveWhole(download: FileDownload, partial: PartialFile): Promise<void> {
  const { meter, offset, signal } = download;
  let { etag } = download;
  await withAttempts(
    () =>
      receiveContent({
        ...download,
        partial,
        // Of a file with a digest the digest decides; addresses of one file may differ in this.
        etag: download.sha256 === null ? etag : null,
        async onStart(position, answered) {
          meter.moveTo(offset + position);
          if (answered !== etag) await download.onEtag(answered);
          etag = answered;
        },
        onBytes: (count) => meter.add(count),
      }),
    {
      signal,
      onBreak(error, attempt, delayMs) {
        // The bar stands where the bytes stand; then why it stands, and what comes next.
        meter.tell();
        const what = `${download.name} broke off at ${inMb(partial.length)}`;
        tellBreak(download, { what, error, attempt, delayMs });
      },
    },
  );
  meter.tell();
}

function tellContinued({ name, narrate, sizeBytes }: FileDownload, length: number): void {
  const human = `${name}: ${inMb(length)} of ${inMb(sizeBytes)} are here already, the rest follows`;
  narrate({ action: "download-resume", human, cute: `⏩ ${human}` });
}

export function inMb(bytes: number): string {
  return `${(bytes / sizes.bytesPerMb).toFixed(1)} MB`;
}
