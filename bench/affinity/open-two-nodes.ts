import { join } from "node:path";
import { addNode, createRemoteNode } from "../../packages/queen/test/remote-node-fixture.ts";
import { openQueen } from "../../packages/queen/test/scripted-queen-fixture.ts";
import type { QueenSpawnRequest } from "@rbee/contract";
import type { SettingsTree } from "@rbee/testkit";
import type { QueenClient } from "@rbee/sdk";
import type { Bench } from "../section.ts";

export interface TwoNodes {
  readonly queen: QueenClient;
  readonly names: readonly [string, string];
}

const root = join(import.meta.dirname, "../..");

/** Where a bench keeps the models that it makes once. */
export const modelFolder = join(root, ".cache/bench/models");
export const tokenizerModel = join(root, "models/hello-bee/hello-bee-3m-q8_0.gguf");

/** A queen with a hive here and one on a second machine behind an SSH server; real programs. */
export async function openTwoNodes(bench: Bench, settings: SettingsTree): Promise<TwoNodes> {
  const cluster = await openQueen({ settings });
  bench.onEnd(async () => await cluster[Symbol.asyncDispose]());
  const node = await createRemoteNode(cluster.box, "mac", { settings });
  bench.onEnd(async () => await node[Symbol.asyncDispose]());
  bench.onEnd(async () => void (await cluster.queen.call("shutdown").catch(() => {})));
  await addNode(cluster, node);
  return { queen: cluster.queen, names: ["localhost", "mac"] };
}

/** Has a worker made there, and throws what stands against it. */
export async function spawnOn(queen: QueenClient, body: QueenSpawnRequest): Promise<void> {
  for await (const event of await queen.stream("spawnWorker", { body })) {
    if (event.type === "error") throw new Error(`${body.node}: ${event.error.message}`);
  }
}
