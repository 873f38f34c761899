import type { AddNodeRequest, NodeOnWire, UpdateNodeRequest } from "@rbee/contract";

/** What a person writes about a machine; an empty text leaves it to what is usual. */
export interface NodeWish {
  readonly name: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly user: string;
  readonly keyPath: string;
  readonly installPath: string;
  readonly gitRepoUrl: string;
  readonly gitBranch: string;
}

export const noWish: NodeWish = {
  name: "",
  host: "",
  port: undefined,
  user: "",
  keyPath: "",
  installPath: "",
  gitRepoUrl: "",
  gitBranch: "",
};

/** A registered machine, as its fields are shown for a change. */
export function wishOf(node: NodeOnWire): NodeWish {
  return {
    name: node.node_name,
    host: node.ssh_host,
    port: node.ssh_port,
    user: node.ssh_user ?? "",
    keyPath: node.ssh_key_path ?? "",
    installPath: node.install_path,
    gitRepoUrl: node.git_repo_url ?? "",
    gitBranch: node.git_branch,
  };
}

/** Where the machine is asked for its host key. */
export function placeOf({ host, port, user }: NodeWish) {
  return withoutEmpty({ ssh_port: port, ssh_user: user.trim() }, { ssh_host: host.trim() });
}

/** True when what was seen at one of them says nothing of the other. */
export function leadsElsewhere(left: NodeWish, right: NodeWish): boolean {
  return JSON.stringify(placeOf(left)) !== JSON.stringify(placeOf(right));
}

/** What one has looked at, and says yes to. */
export interface Trust {
  readonly hostKey: string;
  /** Another key is recorded, and is to be given up for this one. */
  readonly isReplaced: boolean;
}

export function addRequestOf(wish: NodeWish, trust: Trust): AddNodeRequest {
  return { ...requestOf(wish, trust), ssh_host: wish.host.trim() };
}

/** A field that was emptied stays as it is: nothing is unset here. */
export function updateRequestOf(wish: NodeWish, trust: Trust): UpdateNodeRequest {
  return { ...requestOf(wish, trust), ssh_host: wish.host.trim() };
}

function requestOf(wish: NodeWish, { hostKey, isReplaced }: Trust): UpdateNodeRequest {
  return withoutEmpty(
    {
      ssh_port: wish.port,
      ssh_user: wish.user.trim(),
      ssh_key_path: wish.keyPath.trim(),
      install_path: wish.installPath.trim(),
      git_repo_url: wish.gitRepoUrl.trim(),
      git_branch: wish.gitBranch.trim(),
      accept_host_key: isReplaced ? true : undefined,
    },
    { node_name: wish.name.trim(), host_key: hostKey },
  );
}

function withoutEmpty<Optional extends object, Needed extends object>(
  optional: Optional,
  needed: Needed,
): Partial<Optional> & Needed {
  const kept = Object.entries(optional).filter(([, value]) => value !== undefined && value !== "");
  return { ...(Object.fromEntries(kept) as Partial<Optional>), ...needed };
}
