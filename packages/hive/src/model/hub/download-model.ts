import { stat } from "node:fs/promises";
import type { ProgressEvent } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { HubAccess } from "@rbee/settings";
import type { HubModel } from "../../domain/choose-hub-model.ts";
import { requireDiskRoom } from "./disk-room.ts";
import type { DiskWorld } from "./disk-room.ts";
import { downloadFile, inMb } from "./download-file.ts";
import type { HubRequester } from "./hub-request.ts";
import { isWhole, localPath, readRecord, writeRecord } from "./model-record.ts";
import type { ModelRecord, RecordedFile } from "./model-record.ts";
import { partialPath } from "./partial-file.ts";
import { ProgressMeter } from "./progress-meter.ts";
import { translateFailure } from "./translate-failure.ts";

export interface ModelDownload {
  /** The reference that it was asked for with first. */
  readonly model: string;
  readonly repository: string;
  readonly commit: string;
  readonly chosen: HubModel;
  readonly access: HubAccess;
  readonly requester: HubRequester;
  readonly disk: DiskWorld;
  readonly stallMs: number;
  readonly narrate: Narrate;
  readonly onProgress: (event: ProgressEvent) => void;
  readonly signal: AbortSignal;
}

/** Brings all files of a model to this machine and leaves a record beside the first of them. */
export async function downloadModel(download: ModelDownload): Promise<ModelRecord> {
  const { disk, signal, access, model } = download;
  const earlier = await readRecord(placeOf(download, download.chosen.files[0]?.path ?? ""));
  const record = beginRecord(download, earlier);
  const bytesTotal = record.files.reduce((sum, file) => sum + file.size_bytes, 0);
  const target = placeOf(download, record.files[0]?.path ?? "");
  if (await isWhole(disk.modelsFolder, record)) {
    await writeRecord(target, record);
    return record;
  }
  const presentBytes = await countPresent(download, record);
  using meter = new ProgressMeter(bytesTotal, presentBytes, download.onProgress);
  try {
    await requireDiskRoom(disk, { missingBytes: bytesTotal - presentBytes, presentBytes });
    await writeRecord(target, record);
    const startedAt = performance.now();
    tellStart(download, bytesTotal);
    await downloadFiles(download, record, { meter, earlier: new Set(earlier?.files) });
    tellWhole(download, bytesTotal, performance.now() - startedAt);
    download.onProgress({ type: "progress", stage: "complete", local_path: target });
    return record;
  } catch (error) {
    signal.throwIfAborted();
    meter.tell();
    throw await translateFailure(error, {
      model,
      hasToken: access.token !== undefined,
      target,
      bytesDownloaded: meter.bytes,
      bytesTotal,
      disk,
    });
  }
}

async function downloadFiles(
  download: ModelDownload,
  record: ModelRecord,
  { meter, earlier }: { readonly meter: ProgressMeter; readonly earlier: Set<RecordedFile> },
): Promise<void> {
  const { access, repository, commit, model } = download;
  const first = placeOf(download, record.files[0]?.path ?? "");
  const published = new Map(download.chosen.files.map(({ path, sha256 }) => [path, sha256]));
  let offset = 0;
  for (const [index, file] of record.files.entries()) {
    const path = file.path.split("/").map(encodeURIComponent).join("/");
    const isLast = index === record.files.length - 1;
    const { sha256, modifiedAtMs } = await downloadFile({
      ...download,
      model,
      name: file.path,
      url: `${access.endpoint}/${repository}/resolve/${commit}/${path}`,
      target: placeOf(download, file.path),
      sizeBytes: file.size_bytes,
      sha256: published.get(file.path) ?? null,
      checkedAtMs: file.modified_at_ms,
      // A part of a file without digest can only be continued by what its answer was called.
      mayContinue: earlier.has(file) && (file.sha256 !== null || file.etag !== null),
      etag: file.etag,
      meter,
      offset,
      async onEtag(etag) {
        file.etag = etag;
        await writeRecord(first, record);
      },
      onWhole() {
        if (isLast) download.onProgress({ type: "progress", stage: "verifying" });
      },
    });
    file.sha256 = sha256;
    file.modified_at_ms = modifiedAtMs;
    offset += file.size_bytes;
    await writeRecord(first, record);
  }
}

// What is to come, with what an earlier run noted of the very same files.
function beginRecord(download: ModelDownload, earlier: ModelRecord | undefined): ModelRecord {
  const { repository, commit, chosen, model } = download;
  const files = chosen.files.map(({ path, sizeBytes, sha256 }): RecordedFile => {
    const known = earlier?.files.find((file) => file.path === path);
    const isSame = known?.size_bytes === sizeBytes && (sha256 === null || known.sha256 === sha256);
    return isSame
      ? known
      : { path, size_bytes: sizeBytes, sha256, etag: null, modified_at_ms: null };
  });
  const references = [...new Set([...(earlier?.references ?? []), model])];
  return { references, repository, commit, variant: chosen.variant, files };
}

async function countPresent(download: ModelDownload, { files }: ModelRecord): Promise<number> {
  let bytes = 0;
  for (const { path, size_bytes: sizeBytes } of files) {
    const target = placeOf(download, path);
    for (const candidate of [target, partialPath(target)]) {
      const size = (await stat(candidate).catch(() => undefined))?.size;
      if (size === undefined || size > sizeBytes) continue;
      bytes += size;
      break;
    }
  }
  return bytes;
}

function placeOf({ disk, repository }: ModelDownload, path: string): string {
  return localPath(disk.modelsFolder, repository, path);
}

function tellStart(download: ModelDownload, bytesTotal: number): void {
  const { chosen, access, narrate } = download;
  const { host } = new URL(access.endpoint);
  const kind = chosen.variant === null ? "" : `${chosen.variant}, `;
  const human = `downloading ${nameOf(download)} (${kind}${inMb(bytesTotal)}) from ${host}`;
  narrate({ action: "download-start", human, cute: `📥 ${human}` });
}

function tellWhole(download: ModelDownload, bytesTotal: number, durationMs: number): void {
  const seconds = (durationMs / 1000).toFixed(1);
  const isProven = download.chosen.files.every(({ sha256 }) => sha256 !== null);
  const proof = isProven ? "; its SHA-256 is the hub's" : "";
  const human = `${nameOf(download)} is whole: ${inMb(bytesTotal)} in ${seconds} s${proof}`;
  const duration_ms = Math.round(durationMs);
  download.narrate({ action: "download-done", human, cute: `✅ ${human}`, duration_ms });
}

function nameOf({ chosen }: ModelDownload): string {
  const [first, ...others] = chosen.files;
  const name = first?.path.split("/").at(-1) ?? "";
  return others.length === 0 ? name : `${name} and ${others.length} more`;
}
