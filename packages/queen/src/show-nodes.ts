import type { NodeState } from "@rbee/contract";
import type { WorkerView } from "./domain/worker-view.ts";

/** The nodes as consoles see them. */
export function showNodes(view: Pick<WorkerView, "listNodes" | "listModels">): NodeState[] {
  const models = view.listModels();
  return view.listNodes().map(({ lastSeen, lastError, isHiveStopped, ...node }, index) => ({
    ...node,
    last_seen: lastSeen,
    last_error: lastError,
    hive_stopped: isHiveStopped,
    ...(node.status === "reachable" ? { models_on_disk: sumUp(models[index]?.models ?? []) } : {}),
  }));
}

function sumUp(models: readonly { readonly size_bytes: number }[]) {
  const size_bytes = models.reduce((sum, model) => sum + model.size_bytes, 0);
  return { count: models.length, size_bytes };
}
