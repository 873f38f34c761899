import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHostNetwork, eventually, mergeSettings, settingsText } from "@rbee/testkit";
import type { Host, HostNetwork, SettingsTree } from "@rbee/testkit";
import type { RbeeWorld } from "../world.ts";
import { ensureInstalledHomes } from "./installed-homes.ts";
import { modelCache } from "./models.ts";

const stopLimitMs = 40_000;

/** Three machines for one scenario; with `@installed`, as two commands of the person leave them. */
export async function openNetwork(world: RbeeWorld, tags: readonly string[]): Promise<void> {
  // Programs that do nothing install nothing; the scenario has to fail by its own steps.
  const isInstalled = tags.includes("@installed") && !world.isHollow;
  const homes = isInstalled ? await ensureInstalledHomes() : undefined;
  mkdirSync(modelCache, { recursive: true });
  world.network = await createHostNetwork({ homes, binds: [modelCache] });
  const { blep, mac } = world.network.hosts;
  world.names.set("HOME", blep.home);
  world.names.set("MAC", mac.address);
}

/** Ends the machines. What is left on any of them after everything was told to stop is a failure. */
export async function closeNetwork(world: RbeeWorld): Promise<void> {
  const { network } = world;
  if (network === undefined) return;
  try {
    for (const host of world.hosts) restore(host);
    await stopPrograms(world, network);
    // Lines and hubs of the scenario last: what stops may still go over them.
    for (const cleanup of world.cleanups.toReversed()) await cleanup();
    const left = await network.findLeft();
    if (left.length > 0 && !world.isHollow) throw new Error(`left behind:\n${left.join("\n")}`);
  } finally {
    await network.close();
  }
}

function restore(host: Host): void {
  host.cable.mend();
  host.cable.limit(undefined);
  for (const { pid, state } of host.processes()) if (state === "T") host.signal(pid, "SIGCONT");
}

// As a person would: commands, then the queen with what it started. Hives are told only where the
// scenario says that theirs outlive the queen.
async function stopPrograms(world: RbeeWorld, { hosts }: HostNetwork): Promise<void> {
  await stopProgram(hosts.blep, "rbee-keeper");
  for (const host of world.hosts) await stopProgram(host, "queen-rbee");
  if (!world.facts.has("hives outlive the queen")) return;
  await Promise.all(world.hosts.map((host) => stopProgram(host, "rbee-hive")));
}

async function stopProgram(host: Host, program: string): Promise<void> {
  const find = () => host.processes().filter((entry) => entry.program === program);
  for (const { pid } of find()) host.signal(pid, "SIGTERM");
  await eventually(() => find().length === 0, { timeoutMs: stopLimitMs }).catch(() => {});
}

/** What each program said on each machine, for whoever looks into a failure. */
export async function keepHostLogs(world: RbeeWorld, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const line = "tail -n 2000 $(find /home/bee/.rbee/logs /var/log/sshd.log -type f) 2>&1; ps axf";
  for (const host of world.hosts) {
    const text = await host.shell(`${line}; true`, { user: "root" });
    writeFileSync(join(folder, `${host.name}.log`), text);
  }
}

/** Changes the person's configuration on a host; programs that start after this see it. */
export async function configureHost(
  world: RbeeWorld,
  name: string,
  change: SettingsTree,
): Promise<void> {
  const fact = `settings of ${name}`;
  const before = (world.facts.get(fact) as SettingsTree | undefined) ?? {};
  const settings = mergeSettings(before, change);
  world.facts.set(fact, settings);
  await world.host(name).write("/home/bee/.config/rbee/config.toml", settingsText(settings));
}
