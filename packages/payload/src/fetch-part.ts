import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { RbeeError, timings } from "@rbee/contract";
import ssri from "ssri";
import { createMeter } from "./create-meter.ts";
import type { Meter } from "./create-meter.ts";
import { firstSentence } from "./first-sentence.ts";
import type { NpmRegistry, PackageFile } from "./npm-registry.ts";
import type { PackagePart } from "./payload-parts.ts";
import type { PlatformName } from "./describe-platform.ts";
import type { PayloadProgress } from "./payload.ts";

export interface FetchInput {
  readonly part: PackagePart;
  readonly platform: PlatformName;
  readonly folder: string;
  readonly openRegistry: () => Promise<NpmRegistry>;
  readonly onProgress: (progress: PayloadProgress) => void;
  readonly signal: AbortSignal;
}

/** Bytes that are not what was published; what arrived is of no use. */
class WrongBytes extends Error {}

/**
 * The package's file, checked against its digest. What arrived before an interruption is kept in
 * `<file>.partial` and continued. Whoever calls holds the lock of this part.
 */
export async function fetchPart(input: FetchInput): Promise<string> {
  const { part, folder, signal } = input;
  const file = join(folder, `${part.name.replace("/", "+")}-${part.version}.tgz`);
  await mkdir(folder, { recursive: true });
  const partial = `${file}.partial`;
  const meter = createMeter("downloading", `${part.name} ${part.version}`, input.onProgress);
  let failure: unknown;
  let wrongAnswers = 0;
  for (let attempt = 1; attempt <= timings.downloadAttempts; attempt += 1) {
    if (attempt > 1) await wait(delayBefore(attempt), undefined, { signal });
    try {
      const registry = await input.openRegistry();
      const found = await registry.find(part, signal);
      await readRest({ registry, found, partial, meter, signal });
      await requireDigest(partial, found);
      await rename(partial, file);
      meter.end();
      return file;
    } catch (error) {
      signal.throwIfAborted();
      if ((error as { code?: unknown }).code === "ENOSPC") throw error;
      failure = error;
      if (error instanceof WrongBytes) {
        await rm(partial, { force: true });
        wrongAnswers += 1;
      }
      if (wrongAnswers > 1 || isFinal(error)) break;
    }
  }
  const details = { platform: input.platform, part: `${part.name} ${part.version}` };
  const reason = firstSentence(failure);
  throw new RbeeError("PAYLOAD_UNAVAILABLE", { ...details, reason }, { cause: failure });
}

function delayBefore(attempt: number): number {
  return Math.min(timings.downloadDelayFirstMs * 2 ** (attempt - 2), timings.downloadDelayMaxMs);
}

// The registry answered: there is no such package, or not for this key. Asking again is no use.
function isFinal(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" && /^E(?:401|403|404)$/.test(code);
}

interface RestInput {
  readonly registry: NpmRegistry;
  readonly found: PackageFile;
  readonly partial: string;
  readonly meter: Meter;
  readonly signal: AbortSignal;
}

async function readRest({ registry, found, partial, meter, signal }: RestInput): Promise<void> {
  const startAt = await sizeOf(partial);
  const stall = new AbortController();
  const end = AbortSignal.any([signal, stall.signal]);
  const watchdog = setTimeout(() => stall.abort(stalled()), timings.downloadStallMs);
  try {
    const { startsAt, totalBytes, stream } = await registry.read(found.url, startAt, end);
    meter.start(startsAt, totalBytes ?? 0);
    // A registry that does not continue begins anew.
    const isContinued = startsAt === startAt && startAt > 0;
    const descriptor = openSync(partial, isContinued ? "a" : "w");
    try {
      await pipeline(
        stream,
        fileSink(descriptor, (bytes) => {
          watchdog.refresh();
          meter.add(bytes);
        }),
        { signal: end },
      );
    } finally {
      closeSync(descriptor);
    }
    const arrived = await sizeOf(partial);
    if (totalBytes !== undefined && arrived < totalBytes) {
      throw new Error(`the connection ended after ${arrived} of ${totalBytes} bytes`);
    }
  } catch (error) {
    if (stall.signal.aborted) throw stall.signal.reason;
    // All bytes are here already: there is nothing to continue with.
    if ((error as { code?: unknown }).code !== "E416") throw error;
  } finally {
    clearTimeout(watchdog);
  }
}

// Written at once: what waits in a buffer when a connection breaks would be fetched once more.
function fileSink(descriptor: number, onBytes: (bytes: number) => void): Writable {
  return new Writable({
    write: (bytes: Buffer, _encoding, next) => {
      try {
        for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
        onBytes(bytes.length);
        next();
      } catch (error) {
        next(error as Error);
      }
    },
  });
}

function stalled(): Error {
  return new Error(`no byte for ${timings.downloadStallMs / 1000} s`);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

async function requireDigest(path: string, { integrity, url }: PackageFile): Promise<void> {
  try {
    await ssri.checkStream(createReadStream(path), integrity);
  } catch (error) {
    throw new WrongBytes(`${new URL(url).host} sent bytes that do not match their digest`, {
      cause: error,
    });
  }
}
