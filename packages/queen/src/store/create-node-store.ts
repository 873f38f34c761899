import type { DatabaseSync } from "node:sqlite";
import { RbeeError } from "@rbee/contract";
import type { NodeRegistry, RegisteredNode } from "../node-ports.ts";

// The table is strict, so SQLite itself sees to the types.
interface NodeRow {
  readonly node_name: string;
  readonly ssh_host: string;
  readonly ssh_port: number;
  readonly ssh_user: string | null;
  readonly ssh_key_path: string | null;
  readonly git_repo_url: string | null;
  readonly git_branch: string;
  readonly install_path: string;
  readonly last_connected_unix: number | null;
  readonly last_error: string | null;
  readonly status: RegisteredNode["status"];
  readonly backends: string;
  readonly devices: string | null;
  readonly host_key: string | null;
}

const columns = [
  "node_name",
  "ssh_host",
  "ssh_port",
  "ssh_user",
  "ssh_key_path",
  "git_repo_url",
  "git_branch",
  "install_path",
  "last_connected_unix",
  "last_error",
  "status",
  "backends",
  "devices",
  "host_key",
] as const satisfies readonly (keyof NodeRow)[];

/** The registry of nodes in the queen's database. */
export function createNodeStore(database: DatabaseSync): NodeRegistry {
  const list = database.prepare("SELECT * FROM beehives ORDER BY node_name");
  const find = database.prepare("SELECT * FROM beehives WHERE node_name = ?");
  const values = columns.map((name) => `:${name}`);
  const insert = database.prepare(
    `INSERT INTO beehives (${columns.join(", ")}) VALUES (${values.join(", ")})`,
  );
  const changes = columns.slice(1).map((name) => `${name} = :${name}`);
  const update = database.prepare(
    `UPDATE beehives SET ${changes.join(", ")} WHERE node_name = :node_name`,
  );
  const remove = database.prepare("DELETE FROM beehives WHERE node_name = ?");

  const findNode = (name: string) => {
    const row = find.get(name);
    return row === undefined ? undefined : nodeFromRow(row as unknown as NodeRow);
  };
  // Every decision of the queen asks for it, and nobody but this store changes it.
  let listed: readonly RegisteredNode[] | undefined;
  return {
    list: () => (listed ??= list.all().map((row) => nodeFromRow(row as unknown as NodeRow))),
    find: findNode,
    insert(node) {
      if (findNode(node.name) !== undefined) {
        throw new RbeeError("NODE_ALREADY_EXISTS", { node: node.name });
      }
      insert.run({ ...rowFromNode(node) });
      listed = undefined;
    },
    update(name, change) {
      const known = findNode(name);
      if (known === undefined) throw new RbeeError("NODE_NOT_FOUND", { node: name });
      update.run({ ...rowFromNode({ ...known, ...change }) });
      listed = undefined;
    },
    remove(name) {
      listed = undefined;
      if (Number(remove.run(name).changes) > 0) return;
      throw new RbeeError("NODE_NOT_FOUND", { node: name });
    },
  };
}

function rowFromNode(node: RegisteredNode): NodeRow {
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
    backends: JSON.stringify(node.backends),
    devices: node.devices === undefined ? null : JSON.stringify(node.devices),
    host_key: node.hostKey ?? null,
  };
}

function nodeFromRow(row: NodeRow): RegisteredNode {
  return {
    name: row.node_name,
    sshHost: row.ssh_host,
    sshPort: row.ssh_port,
    sshUser: row.ssh_user ?? undefined,
    sshKeyPath: row.ssh_key_path ?? undefined,
    gitRepoUrl: row.git_repo_url ?? undefined,
    gitBranch: row.git_branch,
    installPath: row.install_path,
    lastConnectedUnix: row.last_connected_unix ?? undefined,
    lastError: row.last_error ?? undefined,
    status: row.status,
    backends: JSON.parse(row.backends) as string[],
    devices: row.devices === null ? undefined : (JSON.parse(row.devices) as object as never),
    hostKey: row.host_key ?? undefined,
  };
}
