import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { RbeeError, sizes } from "@rbee/contract";
import { openLogFile } from "@rbee/daemon";
import { createKey } from "@rbee/settings";
import type { CatalogueModel } from "../domain/catalogue-model.ts";
import { fitModel } from "../domain/fit-model.ts";
import { readFitFacts } from "./read-fit-facts.ts";
import type { Fit, FitRefusal, Placement } from "../domain/fit.ts";
import { createWorkerRecord } from "../domain/worker-record.ts";
import { readMoment } from "./pool-world.ts";
import type { PoolWorld } from "./pool-world.ts";
import type { Spawn } from "./spawn.ts";
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
  const facts = await readFitFacts({ world, registry, model }, spawn.control.signal);
  const fit = fitModel(facts, spawn.request);
  narrateFit(spawn, fit);
  if (!fit.fits) throw refusal(fit);
  const live = createLiveWorker(spawn, { placement: fit, model }, world);
  registry.add(live);
  return live;
}

interface Placed {
  readonly placement: Placement;
  readonly model: CatalogueModel;
}

function createLiveWorker(
  spawn: Spawn,
  { placement, model }: Placed,
  world: PoolWorld,
): LiveWorker {
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
    measuring: { model, backend, slots, context, bytes: 0, isLoaded: false, isUsed: false },
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
