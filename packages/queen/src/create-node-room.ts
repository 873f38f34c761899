import { rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Program } from "@rbee/daemon";
import { assemblePayload } from "@rbee/payload";
import { createNodes } from "./create-nodes.ts";
import { createLocalNode } from "./gateway/local-node.ts";
import { createSshNode } from "./gateway/ssh-node.ts";
import { createWayMemory } from "./gateway/way-memory.ts";
import { createNodeInstaller } from "./install/create-node-installer.ts";
import type { NodeInstaller, NodeRegistry, Ssh } from "./node-ports.ts";
import type { NodeAccess, Nodes } from "./ports.ts";
import { createSsh } from "./ssh/create-ssh.ts";
import { createNodeStore } from "./store/create-node-store.ts";
import type { OpenedQueenDatabase } from "./store/open-queen-database.ts";

/** The machines that this queen knows, and how she gets to them. */
export interface NodeRoom {
  readonly registry: NodeRegistry;
  readonly ssh: Ssh;
  readonly installer: NodeInstaller;
  readonly nodes: Nodes;
  /** Takes the key of a node's hive off this machine. */
  readonly removeKey: (node: NodeAccess) => void;
}

interface NodeRoomOptions {
  readonly program: Program;
  readonly database: OpenedQueenDatabase["database"];
  readonly instanceId: string;
  /** `--config` of the queen, which her hive here is to use as well. */
  readonly configFile: string | undefined;
}

/** Puts the nodes together; nothing is asked or started. */
export function createNodeRoom(options: NodeRoomOptions): NodeRoom {
  const { program, database, instanceId, configFile } = options;
  const { installation, settings, paths, live, environment } = program;
  const registry = createNodeStore(database);
  const ssh = createSsh({
    knownHosts: paths.knownHosts,
    socketFolder: join(paths.run, "ssh"),
    connectTimeoutMs: settings.timeouts.connect * 1000,
  });
  const installer = createNodeInstaller({
    ssh,
    instanceId,
    keysFolder: paths.keys,
    cloneFolder: () => live.current().settings.remote.git_repo_dir,
    assemblePayload: (wish) =>
      assemblePayload({
        ...wish,
        installation,
        environment,
        homeDirectory: homedir(),
        cacheFolder: join(paths.home, "cache"),
      }),
  });
  const createRemote = (name: string) =>
    createSshNode({
      name,
      ssh,
      registry,
      paths,
      settings: () => live.current().settings,
      instanceId,
    });
  const local = createLocalNode({
    installation,
    environment,
    settings,
    paths,
    configFile,
    instanceId,
  });
  const nodes = createNodes({ local, registry, createRemote });
  const removeKey = ({ keyFile, name }: NodeAccess) => {
    rmSync(keyFile, { force: true });
    createWayMemory(paths.run, name).forget();
  };
  return { registry, ssh, installer, nodes, removeKey };
}
