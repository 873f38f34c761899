import { timings } from "@rbee/contract";
import type { InstallPlaces } from "./install-places.ts";

/** A file that a service manager reads, and how it is told of it. */
export interface ServiceUnit {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Starts the service now and at every start of the machine. */
  readonly enable: readonly string[];
  /** Stops it, and keeps it from being started. */
  readonly disable: readonly string[];
  /** Links that `enable` makes. */
  readonly enabledLinks: readonly string[];
  readonly log: string;
}

export interface UnitInput {
  readonly places: InstallPlaces;
  readonly platform: NodeJS.Platform;
  readonly homeDirectory: string;
  /** Whom the service of a whole Mac runs for. */
  readonly person: string;
}

/** The first line of each file: nothing without it is overwritten or removed. */
export const unitMark = "Written by rbee-keeper install.";

// She ends her hives and their workers herself; the rest of the group gets SIGKILL only when she did
// not manage within her own limit and some more.
export const stopSeconds = (timings.queenShutdownMs + timings.shutdownTermMs) / 1000;
