import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHostNetwork } from "@rbee/testkit";
import type { HostNetwork } from "@rbee/testkit";
import { ensureBundle } from "../ensure-bundle.ts";
import type { Bench } from "../section.ts";
import { runKeeper } from "./run-keeper.ts";

export const remoteNames = ["mac", "workstation"] as const;

// Not `dist`: what is put on other machines must not be made anew from sources in the middle.
const programFolder = ".cache/bench/installation";

let program: string | undefined;
let homes: string | undefined;

/** Three machines; only `blep` has rbee. They end with the section. */
export async function openBareHosts(bench: Bench): Promise<HostNetwork> {
  return await open(bench, {});
}

/** Three machines; `mac` and `workstation` are registered and have rbee, nothing runs. */
export async function openInstalledHosts(
  bench: Bench,
  binds: readonly string[] = [],
): Promise<HostNetwork> {
  if (homes === undefined) await installOnce(bench);
  return await open(bench, { homes, binds });
}

/** Lets later sections begin with the homes of these machines, on which nothing runs any more. */
export function keepHomes(network: HostNetwork): void {
  if (homes !== undefined) return;
  const folder = mkdtempSync(join(tmpdir(), "rbee-bench-homes-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  network.saveHomes(folder);
  homes = folder;
}

async function installOnce(bench: Bench): Promise<void> {
  bench.tell("registering mac and workstation, installing rbee there");
  const network = await openBareHosts(bench);
  for (const name of remoteNames) {
    await runKeeper(network, ["setup", "add-node", "--name", name, "--ssh-host", name]);
    await runKeeper(network, ["setup", "install", "--node", name]);
  }
  await runKeeper(network, ["queen", "stop"]);
  keepHomes(network);
  await network.close();
}

interface OpenOptions {
  readonly homes?: string | undefined;
  readonly binds?: readonly string[];
}

async function open(bench: Bench, options: OpenOptions): Promise<HostNetwork> {
  program ??= ensureBundle(bench.tell, programFolder);
  const network = await createHostNetwork({ installationRoot: program, ...options });
  bench.onEnd(network.close);
  return network;
}
