import type { HttpWorld, QueenHandler } from "./http-world.ts";

export function hiveStatus({
  nodes,
  hives,
  view,
  identity,
}: HttpWorld): QueenHandler<"hiveStatus"> {
  return async ({ query }) => {
    const node = nodes.require(query.node);
    const health = (await hives.findHealth(node)) ?? null;
    if (health !== null) await hives.refresh(node);
    return {
      node: node.name,
      running: health !== null,
      owned: health?.started_by === identity.instanceId,
      url: health === null ? null : node.hive.url,
      health,
      devices: health === null ? null : (view.findNode(node.name)?.devices ?? null),
    };
  };
}
