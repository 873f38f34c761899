import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { HiveSpawnEvent } from "@rbee/contract";
import type { HiveSpawnRequest, HiveWorker } from "@rbee/contract";
import type { HiveClient } from "@rbee/sdk";
import { createBox } from "@rbee/testkit";
import type { Box, SettingsTree } from "@rbee/testkit";
import type { z } from "zod";

type SpawnEvent = z.infer<typeof HiveSpawnEvent>;

/** A real hive whose workers are the testkit's scripted program. */
export interface ScriptedHive extends AsyncDisposable {
  readonly box: Box;
  readonly hive: HiveClient;
  /** Workers that start from now on do as these words say. */
  readonly script: (words: readonly string[]) => void;
  /** Asks for a worker; returns its id as soon as the hive answers. */
  readonly spawn: (request?: Partial<HiveSpawnRequest>) => Promise<string>;
  /** The whole story of a spawn. */
  readonly story: (workerId: string) => Promise<readonly SpawnEvent[]>;
  /** Spawns a worker and waits until it is ready; throws the error of its story. */
  readonly bringUp: (request?: Partial<HiveSpawnRequest>) => Promise<HiveWorker>;
  readonly workers: () => Promise<readonly HiveWorker[]>;
}

const resolve = createRequire(import.meta.url).resolve;
const program = join(resolve("@rbee/testkit"), "../scripted-worker.ts");

export async function openScriptedHive(
  words: readonly string[],
  settings: SettingsTree = {},
): Promise<ScriptedHive> {
  const box = await createBox({ settings });
  const manifest = join(box.root, "worker.json");
  const script = (faults: readonly string[]) => {
    const command = [process.execPath, program, ...faults];
    writeFileSync(manifest, JSON.stringify({ name: "scripted", engine: "scripted", command }));
  };
  script(words);
  box.configure({ worker: { manifest } });
  await box.startHiveAsOperator();
  const hive = box.hive();

  const spawn: ScriptedHive["spawn"] = async (request = {}) => {
    const body = { model_ref: "hello-bee", ...request };
    return (await hive.call("spawnWorker", { body })).worker_id;
  };
  const story: ScriptedHive["story"] = async (id) => {
    const events: SpawnEvent[] = [];
    for await (const event of await hive.stream("workerEvents", { params: { id } })) {
      // Every event of every story in these tests keeps the contract.
      events.push(HiveSpawnEvent.parse(event));
    }
    return events;
  };
  return {
    box,
    hive,
    script,
    spawn,
    story,
    async bringUp(request) {
      const last = (await story(await spawn(request))).at(-1);
      if (last?.type === "done") return last.worker;
      throw new Error(`the spawn ended with ${JSON.stringify(last)}`);
    },
    workers: async () => (await hive.call("listWorkers")).workers,
    [Symbol.asyncDispose]: () => box.close(),
  };
}
