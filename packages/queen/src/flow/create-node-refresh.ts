import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { timings } from "@rbee/contract";
import type { WorkerView } from "../domain/worker-view.ts";
import type { Hives, NodeAccess, Nodes } from "../ports.ts";

interface RefreshWorld {
  readonly nodes: Nodes;
  readonly hives: Pick<Hives, "client">;
  readonly view: Pick<WorkerView, "findNode" | "devicesRead">;
}

/**
 * Brings the memory and disk of all nodes up to date, for who scrapes: hives tell them only when
 * somebody begins to listen. A node that is slow keeps its old figures this time and has new ones
 * the next; nobody waits longer than `metricsWaitMs`.
 */
export function createNodeRefresh({ nodes, hives, view }: RefreshWorld): () => Promise<void> {
  const askedAtMs = new Map<string, number>();
  const running = new Map<string, Promise<void>>();

  const read = async (node: NodeAccess) => {
    const signal = AbortSignal.timeout(timings.deviceToolTimeoutMs);
    const hop = {
      correlationId: randomUUID(),
      traceparent: undefined,
      deadline: undefined,
      signal,
    };
    try {
      view.devicesRead(node.name, await hives.client(node, hop).call("devices"));
    } catch {
      // That the node cannot be reached is what its link to the hive finds out and tells.
    } finally {
      running.delete(node.name);
    }
  };
  const isFresh = ({ name }: NodeAccess) =>
    performance.now() - (askedAtMs.get(name) ?? Number.NEGATIVE_INFINITY) < timings.metricsFreshMs;
  return async () => {
    const names = nodes.list();
    for (const name of askedAtMs.keys()) {
      if (!names.some((node) => node.name === name)) askedAtMs.delete(name);
    }
    for (const node of names) {
      if (view.findNode(node.name)?.status !== "reachable" || isFresh(node)) continue;
      askedAtMs.set(node.name, performance.now());
      running.set(node.name, read(node));
    }
    if (running.size === 0) return;
    const patience = new AbortController();
    const limit = delay(timings.metricsWaitMs, undefined, { signal: patience.signal });
    await Promise.race([Promise.all(running.values()), limit]);
    patience.abort();
    await limit.catch(() => {});
  };
}
