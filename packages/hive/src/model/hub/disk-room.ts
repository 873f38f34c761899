import { RbeeError, sizes } from "@rbee/contract";
import type { ModelStore } from "../../ports.ts";

export interface DiskWorld {
  readonly node: string;
  readonly store: Pick<ModelStore, "list">;
  readonly modelsFolder: string;
  /** Bytes that are free on the disk of a path. */
  readonly readFreeBytes: (path: string) => Promise<number>;
  /** What models may use on disk by the configuration. */
  readonly limitBytes: () => number | undefined;
}

interface Wanted {
  /** Bytes that have to come. */
  readonly missingBytes: number;
  /** Bytes of the model that are here already. */
  readonly presentBytes: number;
}

const largestMax = 5;

/** Throws INSUFFICIENT_DISK when what has to come does not fit beside what is there. */
export async function requireDiskRoom(world: DiskWorld, wanted: Wanted): Promise<void> {
  if (wanted.missingBytes === 0) return;
  const availableBytes = await measureRoom(world, wanted.presentBytes);
  if (wanted.missingBytes > availableBytes) throw describeFullDisk(world, wanted, availableBytes);
}

/** The error of a disk that became full on the way. */
export async function createFullDiskError(world: DiskWorld, wanted: Wanted): Promise<RbeeError> {
  return describeFullDisk(world, wanted, await measureRoom(world, wanted.presentBytes));
}

async function measureRoom(world: DiskWorld, presentBytes: number): Promise<number> {
  const freeBytes = await world.readFreeBytes(world.modelsFolder);
  const limitBytes = world.limitBytes();
  if (limitBytes === undefined) return freeBytes;
  const usedBytes = listDownloaded(world.store).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return Math.max(0, Math.min(freeBytes, limitBytes - usedBytes - presentBytes));
}

function describeFullDisk(
  { node, store }: DiskWorld,
  { missingBytes }: Wanted,
  availableBytes: number,
): RbeeError {
  const largest = listDownloaded(store)
    .toSorted((one, other) => other.sizeBytes - one.sizeBytes)
    .slice(0, largestMax)
    .map(({ id, sizeBytes }) => ({ id, size_mb: Math.round(sizeBytes / sizes.bytesPerMb) }));
  return new RbeeError("INSUFFICIENT_DISK", {
    node,
    required: Math.ceil(missingBytes / sizes.bytesPerMb),
    available: Math.floor(availableBytes / sizes.bytesPerMb),
    largest,
  });
}

// Two references may share a file; the person's own files are not rbee's to count or to remove.
function listDownloaded(store: DiskWorld["store"]) {
  const byPath = new Map(
    store
      .list()
      .filter(({ provider }) => provider === "hf")
      .map((model) => [model.localPath, model] as const),
  );
  return [...byPath.values()];
}
