import { sizes } from "@rbee/contract";
import type { BackendName } from "@rbee/contract";
import type { CatalogueModel } from "../domain/catalogue-model.ts";
import type { PoolWorld } from "./pool-world.ts";
import type { LiveWorker } from "./worker-registry.ts";

/** What is known of the memory of one worker. */
export interface Measuring {
  readonly model: CatalogueModel;
  readonly backend: BackendName;
  readonly slots: number;
  readonly context: number;
  bytes: number;
  isLoaded: boolean;
  isUsed: boolean;
}

/**
 * Keeps what a worker takes, for the next preflight of its model: when it is ready, when it has
 * answered a request, and whenever it holds more than ever. A worker tells the plain memory that it
 * holds, which says nothing about a GPU's.
 */
export function measureMemory(live: LiveWorker, world: PoolWorld): void {
  const { record, measuring } = live;
  const { model, backend, slots, context } = measuring;
  const isReady = record.state === "idle" || record.state === "busy";
  if (backend !== "cpu" || !isReady || record.memoryBytes === 0) return;
  const isIdle = record.slotsAvailable === record.slotsTotal;
  const isUsed = measuring.isUsed || (isIdle && record.lastActivityUnixMs !== null);
  const isNewLoad = !measuring.isLoaded;
  const isNewUse = isUsed && !measuring.isUsed;
  const hasGrown = record.memoryBytes - measuring.bytes >= sizes.bytesPerMb;
  if (!isNewLoad && !isNewUse && !hasGrown) return;
  const bytes = Math.max(measuring.bytes, record.memoryBytes);
  Object.assign(measuring, { bytes, isLoaded: true, isUsed });
  const atUnix = Math.floor(Date.now() / 1000);
  const seen = { model, backend, slots, context, bytes, isNewLoad, isNewUse, atUnix };
  try {
    world.catalogue.noteMeasured(seen);
  } catch (error) {
    // Nothing but the next estimate is worse for it.
    world.logger.warn({ error, worker_id: live.id }, "the memory of a worker could not be noted");
  }
}
