import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { RbeeError, sizes } from "@rbee/contract";
import { openLogFile } from "@rbee/daemon";
import { createKey } from "@rbee/settings";
import type { CatalogueModel } from "../domain/catalogue-model.ts";
import { fitModel } from "../domain/fit-model.ts";
import type { Fit, FitRefusal, Placement } from "../domain/fit.ts";
import { createWorkerRecord } from "../domain/worker-record.ts";
import { readMoment } from "./pool-world.ts";
import type { PoolWorld } from "./pool-world.ts";
import type { Spawn } from "./spawn.ts";
import { memoryHoldings } from "./worker-registry.ts";
import type { LiveWorker, WorkerRegistry } from "./worker-registry.ts";

export function createWorkerId(): string {
  return `worker-${randomBytes(3).toString("hex")}`;
}

/**
 * The preflight: reads the memory that is free now and enters the worker in the registry with what
 * it was promised. Callers take turns, or two of them would book the same memory.
 */
export async function placeWorker(
  spawn: Spawn,
  model: CatalogueModel,
  { world, registry }: { readonly world: PoolWorld; readonly registry: WorkerRegistry },
): Promise<LiveWorker> {
  const { worker } = world.settings();
  const manifest = world.readManifest();
  const devices = await world.devices.readMemory(spawn.control.signal);
  const fit = fitModel(
    {
      node: world.node,
      devices,
      model,
      holdings: memoryHoldings(registry),
      ...(manifest.backends === undefined ? {} : { programBackends: manifest.backends }),
      defaults: {
        ...(worker.backend === undefined ? {} : { backend: worker.backend }),
        ...(worker.slots === undefined ? {} : { slots: worker.slots }),
      },
    },
    spawn.request,
  );
  narrateFit(spawn, fit);
  if (!fit.fits) throw refusal(fit);
  const live = createLiveWorker(spawn, fit, world);
  registry.add(live);
  return live;
}

function createLiveWorker(spawn: Spawn, placement: Placement, world: PoolWorld): LiveWorker {
  const { workerId: id, request, restartCount } = spawn;
  const { backend, device, slots, context, requiredMb } = placement;
  const logPath = join(world.paths.logs, `worker-${id}.log`);
  const record = createWorkerRecord(
    {
      id,
      modelRef: request.reference.text,
      backend,
      device,
      slots,
      context,
      requiredBytes: requiredMb * sizes.bytesPerMb,
      restartCount,
    },
    readMoment(),
  );
  return {
    id,
    key: createKey(),
    request,
    log: openLogFile(logPath),
    logPath,
    calledBack: Promise.withResolvers(),
    ended: Promise.withResolvers(),
    record,
    port: null,
    process: null,
  };
}

function narrateFit({ narrate, request }: Spawn, fit: Fit): void {
  const model_ref = request.reference.text;
  if (fit.fits) {
    const { backend, device, requiredMb, availableMb, slots, context } = fit;
    const where = `${backend}:${device}`;
    narrate({
      actor: "device-manager",
      action: "preflight-passed",
      human: `${where}: needs ${requiredMb} MB, ${availableMb} MB free; ${slots} x ${context} tokens`,
      cute: `✅ ${where}: needs ${requiredMb} MB, ${availableMb} MB free`,
      model_ref,
      backend,
      device: where,
      required_mb: requiredMb,
      available_mb: availableMb,
    });
    return;
  }
  const { message } = refusal(fit);
  narrate({
    actor: "device-manager",
    action: "preflight-refused",
    human: message,
    cute: `❌ ${message}`,
    level: "error",
    model_ref,
  });
}

function refusal(fit: FitRefusal): RbeeError {
  return new RbeeError(fit.code, fit.details);
}
