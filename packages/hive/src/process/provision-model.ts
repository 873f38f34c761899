import { backends, RbeeError } from "@rbee/contract";
import type { CatalogueModel } from "../domain/catalogue-model.ts";
import type { SpawnRequest } from "../domain/spawn-request.ts";
import type { PoolWorld } from "./pool-world.ts";
import { inStage } from "./spawn.ts";
import type { Spawn } from "./spawn.ts";

/**
 * The file of the model, from the catalogue or fetched. A request that has to wait for a download
 * is answered before it; what would be refused afterwards anyway is refused first.
 */
export async function provisionModel(spawn: Spawn, world: PoolWorld): Promise<CatalogueModel> {
  const { request, narrate, story } = spawn;
  const { signal } = spawn.control;
  const { reference } = request;
  requireKnownBackend(request);
  const isDownload = await world.provisioner.needsDownload(reference);
  if (isDownload) {
    await requireBackend(request, { world, signal });
    narrate({
      actor: "model-provisioner",
      action: "download-needed",
      human: `${reference.text} is not on this node; it is downloaded`,
      cute: `📦 ${reference.text} is not on this node; it is downloaded`,
      model_ref: reference.text,
    });
    spawn.answerable.resolve();
  }
  return await inStage(spawn, isDownload ? "download" : "catalogue", () =>
    world.provisioner.provision(reference, {
      narrate,
      onProgress: (progress) =>
        story.append({ ...progress, node: world.node, worker_id: spawn.workerId }),
      signal,
    }),
  );
}

function requireKnownBackend({ backend }: SpawnRequest): void {
  const names: readonly string[] = backends;
  if (backend === undefined || names.includes(backend)) return;
  throw new RbeeError("INVALID_BACKEND", { valid: [...backends] });
}

interface Asking {
  readonly world: PoolWorld;
  readonly signal: AbortSignal;
}

async function requireBackend({ backend }: SpawnRequest, { world, signal }: Asking): Promise<void> {
  if (backend === undefined) return;
  const { backends: available } = await world.devices.detect(signal);
  if ((available as readonly string[]).includes(backend)) return;
  throw new RbeeError("BACKEND_UNAVAILABLE", {
    backend,
    available: [...available],
    node: world.node,
  });
}
