import type { CatalogueModel } from "../domain/catalogue-model.ts";
import type { FitFacts } from "../domain/fit.ts";
import type { PoolWorld } from "./pool-world.ts";
import { memoryHoldings } from "./worker-registry.ts";
import type { WorkerRegistry } from "./worker-registry.ts";

interface FitWorld {
  readonly world: PoolWorld;
  readonly registry: WorkerRegistry;
  readonly model: CatalogueModel;
}

/** What a preflight looks at, and whoever asks how it would end: the same facts for both. */
export async function readFitFacts(
  { world, registry, model }: FitWorld,
  signal: AbortSignal,
): Promise<FitFacts> {
  const { worker } = world.settings();
  const manifest = world.readManifest();
  const devices = await world.devices.readMemory(signal);
  return {
    node: world.node,
    devices,
    model,
    holdings: memoryHoldings(registry),
    measured: world.catalogue.listMeasured(model),
    ...(manifest.backends === undefined ? {} : { programBackends: manifest.backends }),
    defaults: {
      ...(worker.backend === undefined ? {} : { backend: worker.backend }),
      ...(worker.slots === undefined ? {} : { slots: worker.slots }),
    },
  };
}
