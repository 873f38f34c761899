import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createHiveClient } from "@rbee/sdk";
import type { HiveClient } from "@rbee/sdk";
import { programCommand, readSecretFile } from "@rbee/settings";
import type { Installation } from "@rbee/settings";
import {
  createSshHost,
  eventually,
  listProcessesWith,
  settingsText,
  testedInstallation,
} from "@rbee/testkit";
import type { Box, SettingsTree, SshHost, SshHostOptions } from "@rbee/testkit";
import { openQueen } from "./scripted-queen-fixture.ts";
import type { QueenInBox } from "./scripted-queen-fixture.ts";

/** A machine with an SSH server on which rbee is installed, as the installer would leave it. */
export interface RemoteNode extends AsyncDisposable {
  readonly name: string;
  readonly host: SshHost;
  readonly installPath: string;
  /** Changes the configuration of the node. */
  readonly configure: (settings: SettingsTree) => void;
  /** Puts the programs of this copy of rbee there. */
  readonly install: (installation?: Installation) => void;
  /** Its workers are the testkit's scripted program, and do as these words say. */
  readonly script: (words: readonly string[]) => void;
  readonly hive: () => HiveClient;
  readonly hiveUrl: string;
  /** What of the product runs there. */
  readonly programs: () => string[];
  readonly pidOf: (program: "rbee-hive" | "llm-worker-rbee") => number;
}

export interface RemoteNodeOptions extends SshHostOptions {
  readonly settings?: SettingsTree;
  readonly isInstalled?: boolean;
}

const resolve = createRequire(import.meta.url).resolve;
const scriptedWorker = join(resolve("@rbee/testkit"), "../scripted-worker.ts");

export async function createRemoteNode(
  box: Box,
  name: string,
  options: RemoteNodeOptions = {},
): Promise<RemoteNode> {
  const host = await createSshHost(options);
  const installPath = join(host.home, "rbee");
  const configure = (settings: SettingsTree) => {
    mkdirSync(join(host.home, ".config/rbee"), { recursive: true });
    writeFileSync(join(host.home, ".config/rbee/config.toml"), settingsText(settings));
  };
  // All machines are this one, so each listens on its own address alone.
  const own = { hive: { host: host.address, worker_port_base: box.workerPortBase } };
  const settings: SettingsTree = { ...own, ...options.settings };
  configure(settings);
  const install = (installation = testedInstallation()) => {
    mkdirSync(join(installPath, "bin"), { recursive: true });
    const launcher = join(installPath, "bin/rbee-hive");
    const words = programCommand(installation, "rbee-hive").map((word) => `'${word}'`);
    writeFileSync(launcher, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`);
    chmodSync(launcher, 0o755);
  };
  if (options.isInstalled !== false) install();
  const hiveUrl = `http://${host.address}:${box.hivePort}`;
  const processes = () => listProcessesWith("HOME", host.home);
  return {
    name,
    host,
    installPath,
    hiveUrl,
    configure: (change) => configure({ ...settings, ...change }),
    install,
    script(words) {
      const manifest = join(host.home, "worker.json");
      const command = [process.execPath, scriptedWorker, ...words];
      writeFileSync(manifest, JSON.stringify({ name: "scripted", engine: "scripted", command }));
      configure({ ...settings, worker: { manifest } });
    },
    hive: () =>
      createHiveClient({
        baseUrl: hiveUrl,
        key: () => readSecretFile(join(host.home, ".rbee/keys/hive.key")),
      }),
    programs: () => processes().flatMap(({ program }) => program ?? []),
    pidOf(program) {
      const found = processes().find((entry) => entry.program === program);
      if (found === undefined) throw new Error(`no ${program} runs on ${name}`);
      return found.pid;
    },
    [Symbol.asyncDispose]: host.close,
  };
}

/** Registers it with the queen, as a person would. */
export async function addNode({ queen }: QueenInBox, { name, host, installPath }: RemoteNode) {
  const body = {
    node_name: name,
    ssh_host: host.address,
    ssh_port: host.port,
    ssh_user: host.user,
    ssh_key_path: host.clientKey,
    install_path: installPath,
  };
  await queen.call("addNode", { body });
}

export interface RemoteRoad extends AsyncDisposable {
  readonly cluster: QueenInBox;
  readonly node: RemoteNode;
}

/** A queen with one machine elsewhere. */
export async function openRemoteRoad(
  options: RemoteNodeOptions & { readonly queenSettings?: SettingsTree } = {},
): Promise<RemoteRoad> {
  const cluster = await openQueen({ settings: options.queenSettings ?? {} });
  const node = await createRemoteNode(cluster.box, "mac", options);
  await addNode(cluster, node);
  return {
    cluster,
    node,
    async [Symbol.asyncDispose]() {
      // The queen first, with what she started; what an operator started there goes with the host.
      await cluster.queen.call("shutdown").catch(() => {});
      const programs = () => cluster.box.processes().length;
      await eventually(() => programs() === 0, { timeoutMs: 35_000 }).catch(() => {});
      await node.host.close();
      await cluster.box.close();
    },
  };
}
