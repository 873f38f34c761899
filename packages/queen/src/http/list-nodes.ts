import type { NodeOnWire } from "@rbee/contract";
import type { RegisteredNode } from "../node-ports.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";

/** The registered machines; this one is in no registry. */
export function listNodes({ registry }: HttpWorld): QueenHandler<"listNodes"> {
  return () => ({ nodes: registry.list().map(nodeToWire) });
}

function nodeToWire(node: RegisteredNode): NodeOnWire {
  return {
    node_name: node.name,
    ssh_host: node.sshHost,
    ssh_port: node.sshPort,
    ssh_user: node.sshUser ?? null,
    ssh_key_path: node.sshKeyPath ?? null,
    git_repo_url: node.gitRepoUrl ?? null,
    git_branch: node.gitBranch,
    install_path: node.installPath,
    last_connected_unix: node.lastConnectedUnix ?? null,
    last_error: node.lastError ?? null,
    status: node.status,
    backends: [...node.backends],
    devices: (node.devices as NodeOnWire["devices"] | undefined) ?? null,
    host_key: node.hostKey ?? null,
  };
}
