/**
 * What the control node and the program that unpacks on a node say to each other over one SSH
 * stream. There: one line with an `UnpackRequest`, then, after the answer `want`, the wanted bytes
 * one after the other as one zstd stream. Back: lines of `UnpackEvent` behind a mark, because the
 * login shell there may print what it likes.
 */

/** The program, in the payload's root: JavaScript in one file that needs nothing but Node. */
export const unpackProgramPath = "unpack.js";

/** Begins each line of an event. */
export const unpackMark = "rbee-unpack ";

/** In a version's folder: `<sha256>  <path>` per file, for `sha256sum -c` too. The sign of ours. */
export const manifestFileName = ".rbee-manifest";

/** In the install path: what is on its way, and whoever installs (a link that leads nowhere). */
export const stagingFolderName = ".rbee-staging";
/** In the install path: a clone, and what is built of it. */
export const sourceFolderName = ".rbee-source";
export const lockName = ".rbee-lock";

export interface UnpackFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly sha256: string;
}

export interface UnpackRequest {
  /** Absolute. */
  readonly installPath: string;
  /** What the lock must hold; another text there means that somebody else installs now. */
  readonly lock: string;
  /** The folder under `versions/`. */
  readonly name: string;
  readonly version: string;
  readonly files: readonly UnpackFile[];
  /** A folder on the node that holds all of it already; what was built there needs no sending. */
  readonly from?: string;
}

export interface WantedFile {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** From here on; what comes before is there. */
  readonly offset: number;
}

export type UnpackEvent =
  | {
      readonly event: "want";
      readonly files: readonly WantedFile[];
      readonly bytesMissing: number;
      readonly bytesFree: number;
    }
  | { readonly event: "placing" | "trying" }
  | {
      readonly event: "done";
      /** This version was in use already, and all of it is as it should be. */
      readonly isUnchanged: boolean;
      /** The name of the version before. */
      readonly previous: string | null;
      readonly pruned: readonly string[];
    }
  | {
      readonly event: "failed";
      /** `damaged`: bytes arrived that are not those that were announced; worth another try. */
      readonly kind: "damaged" | "cut" | "disk-full" | "permission" | "lock-lost" | "other";
      readonly step: string;
      readonly reason: string;
      readonly lastLines: readonly string[];
    };
