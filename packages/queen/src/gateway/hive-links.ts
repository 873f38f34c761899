import type { HiveHealth } from "@rbee/contract";
import type { Logger } from "@rbee/daemon";
import type { WorkerKey, WorkerView } from "../domain/worker-view.ts";
import type { Hives, Hop, NodeAccess, Nodes, WorkerAddress, WorkerEnd } from "../ports.ts";
import { openTranslatedClient } from "./hive-client.ts";
import { openHiveLink } from "./hive-link.ts";
import type { HiveLink } from "./hive-link.ts";
import { createWorkerEnds } from "./worker-ends.ts";

export interface HiveLinksOptions {
  readonly nodes: Nodes;
  readonly view: WorkerView;
  readonly instanceId: string;
  readonly connectTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly logger: Logger;
  readonly judge: (node: NodeAccess, health: HiveHealth) => void;
  readonly onChange: () => void;
  /** A worker ended, as its hive told it. */
  readonly onWorkerEnd: (node: string, reason: string) => void;
}

export type HiveLinks = ReturnType<typeof createHiveLinks>;

/** One link for each node, and what was learned of workers through them. */
export function createHiveLinks(options: HiveLinksOptions) {
  const { view, nodes, connectTimeoutMs } = options;
  const links = new Map<string, HiveLink>();
  const addresses = new Map<string, WorkerAddress>();
  const ends = createWorkerEnds();
  const keyOf = ({ node, id }: { readonly node: string; readonly id: string }) => `${node}/${id}`;
  return {
    ends,
    addresses: {
      async get(worker: Parameters<Hives["workerAddress"]>[0], hop: Hop): Promise<WorkerAddress> {
        const known = addresses.get(keyOf(worker));
        if (known !== undefined) return known;
        const node = nodes.require(worker.node);
        const params = { id: worker.id };
        const { url: urlThere, api_key: apiKey } = await openTranslatedClient(node, hop).call(
          "workerAccess",
          { params, timeoutMs: connectTimeoutMs },
        );
        const url = await node.reachWorker(urlThere, hop.signal);
        // A worker that ended while we asked is not remembered.
        if (view.findWorker(worker.id) !== undefined) addresses.set(keyOf(worker), { url, apiKey });
        return { url, apiKey };
      },
      forget: (worker: Parameters<Hives["forgetAddress"]>[0]) =>
        void addresses.delete(keyOf(worker)),
    },
    async findWorkerEnd(worker: WorkerKey): Promise<WorkerEnd | "hive-lost" | undefined> {
      const link = links.get(worker.node);
      if (link === undefined || ends.has(worker)) return await ends.find(worker);
      if (link.health() === undefined) return "hive-lost";
      const isLost = new Promise<"hive-lost">((resolve) =>
        link.lossSignal().addEventListener("abort", () => resolve("hive-lost"), { once: true }),
      );
      return await Promise.race([ends.find(worker), isLost]);
    },
    to(node: NodeAccess): HiveLink {
      const known = links.get(node.name);
      if (known !== undefined) return known;
      const link = openHiveLink({
        ...options,
        node,
        judge: (health) => options.judge(node, health),
        onWorkerEnd(worker, end) {
          addresses.delete(keyOf(worker));
          ends.add(worker, end);
          options.onWorkerEnd(worker.node, end.reason);
        },
      });
      links.set(node.name, link);
      return link;
    },
    forget(name: string): void {
      links.get(name)?.close();
      links.delete(name);
      view.forget(name);
      for (const key of addresses.keys()) if (key.startsWith(`${name}/`)) addresses.delete(key);
    },
    close: () => links.forEach((link) => link.close()),
  };
}
