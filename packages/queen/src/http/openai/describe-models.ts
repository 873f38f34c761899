import { bundledModelReference, parseModelReference } from "@rbee/contract";
import type { OpenAiModel } from "@rbee/contract";
import { judgeModel } from "../../domain/judge-model.ts";
import { resolveModel } from "../../domain/resolve-model.ts";
import type { HttpWorld } from "../http-world.ts";

type ModelWorld = Pick<HttpWorld, "view" | "aliases" | "identity">;

/**
 * The models that a caller can ask for without a download: what the nodes have on disk, what
 * workers have in memory, and the configured names, each once.
 */
export function describeModels(
  world: ModelWorld,
  allowed: readonly string[] | undefined,
): OpenAiModel[] {
  const found = findModels(world);
  const aliases = Object.entries(world.aliases()).flatMap(([id, target]): OpenAiModel[] => {
    const reference = resolveModel(target, {});
    if (reference === undefined) return [];
    return [{ ...(found.get(reference) ?? unseen(world, reference)), id, alias_of: reference }];
  });
  return [...found.values(), ...aliases]
    .filter(({ id, alias_of: target }) => judgeModel({ models: allowed, model: target ?? id }))
    .toSorted((left, right) => left.id.localeCompare(right.id));
}

function findModels(world: ModelWorld): Map<string, OpenAiModel> {
  // It comes with every installation, so it can be asked for before any hive is heard.
  const found = new Map([[bundledModelReference, unseen(world, bundledModelReference)]]);
  const get = (reference: string) => found.get(reference) ?? unseen(world, reference);
  for (const { node, models } of world.view.listModels()) {
    for (const { reference, downloaded_at_unix: since, context_length } of models) {
      const known = get(reference);
      const created = Math.min(since ?? known.created, known.created);
      found.set(reference, { ...known, nodes: withNode(known, node), created, context_length });
    }
  }
  for (const { node, model, state } of world.view.listWorkers()) {
    const known = get(model);
    const loaded = known.loaded || state === "idle" || state === "busy";
    found.set(model, { ...known, nodes: withNode(known, node), loaded });
  }
  return found;
}

function withNode({ nodes }: OpenAiModel, node: string): string[] {
  return [...new Set([...nodes, node])].toSorted();
}

function unseen({ identity }: ModelWorld, reference: string): OpenAiModel {
  return {
    id: reference,
    object: "model",
    created: Math.floor(identity.startedAtMs / 1000),
    owned_by: ownerOf(reference),
    nodes: [],
    loaded: false,
    alias_of: null,
    context_length: null,
  };
}

function ownerOf(reference: string): string {
  const parsed = parseModelReference(reference);
  if (parsed?.provider === "hf") return parsed.repository.split("/")[0] ?? "";
  return parsed?.provider === "bundled" ? "rbee" : "local";
}
