import { RbeeError } from "@rbee/contract";
import type {
  NodeInstaller,
  NodeRegistry,
  RegisteredNode,
  ShownHostKey,
  Ssh,
  SshTarget,
} from "../node-ports.ts";
import type { Errand, Hives, NodeAccess, Nodes, Story } from "../ports.ts";
import { removeNode } from "./remove-node.ts";
import { testNode } from "./test-node.ts";

export interface RegistrarWorld {
  readonly registry: NodeRegistry;
  readonly ssh: Ssh;
  readonly hives: Pick<Hives, "isOwned" | "stop" | "forget" | "refresh">;
  readonly nodes: Nodes;
  readonly installer: NodeInstaller;
  /** Takes the key of a node's hive off this machine. */
  readonly removeKey: (node: NodeAccess) => void;
  readonly nowMs: () => number;
}

/** What a person says of a machine; what is left out is found there, or is a default. */
export interface NodeWish {
  readonly name: string;
  readonly sshHost?: string | undefined;
  readonly sshPort?: number | undefined;
  readonly sshUser?: string | undefined;
  readonly sshKeyPath?: string | undefined;
  readonly gitRepoUrl?: string | undefined;
  readonly gitBranch?: string | undefined;
  readonly installPath?: string | undefined;
  readonly backends?: readonly string[] | undefined;
  readonly devices?: RegisteredNode["devices"];
  readonly acceptHostKey: boolean;
  /** The fingerprint that it must show; whatever it shows counts when nobody says. */
  readonly hostKey?: string | undefined;
}

/** Adds, changes and removes nodes. Each returns the sentence that says what is true now. */
export interface NodeRegistrar {
  /** Throws NODE_ALREADY_EXISTS when the name is taken, or is just being taken. */
  readonly requireFree: (name: string) => void;
  /** What a machine shows that need not be registered; nothing is kept of it. */
  readonly showHostKey: (target: SshTarget) => Promise<ShownHostKey>;
  readonly add: (wish: NodeWish & { readonly sshHost: string }, errand: Errand) => Promise<string>;
  readonly update: (wish: NodeWish, errand: Errand) => Promise<string>;
  readonly remove: (node: RegisteredNode, errand: Errand) => Promise<string>;
}

const installPathDefault = "~/rbee";
const gitBranchDefault = "main";

export function createNodeRegistrar(world: RegistrarWorld): NodeRegistrar {
  const { registry, ssh, hives, nodes } = world;
  const names = new Set<string>();
  // One piece of work per name at a time: they share its connection.
  const alone = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    if (names.has(name)) throw new RbeeError("NODE_ALREADY_EXISTS", { node: name });
    names.add(name);
    try {
      return await work();
    } finally {
      names.delete(name);
    }
  };
  const listen = (name: string) => {
    hives.forget(name);
    // A hive that runs there already is heard; nobody waits for it.
    void hives.refresh(nodes.require(name));
  };
  return {
    requireFree(name) {
      if (registry.find(name) === undefined && !names.has(name)) return;
      throw new RbeeError("NODE_ALREADY_EXISTS", { node: name });
    },
    showHostKey: (target) => ssh.showHostKey(target, { isReplaced: false }),
    add: (wish, errand) =>
      alone(wish.name, async () => {
        try {
          const node = await testNode(world, newNode(wish), { wish, errand });
          registry.insert(node);
          tellSaved(errand.story, node);
          listen(node.name);
          return `Node '${node.name}' is saved in the rbee-hive registry.`;
        } catch (error) {
          await ssh.close(wish.name);
          throw error;
        }
      }),
    update: (wish, errand) =>
      alone(wish.name, async () => {
        const before = registry.find(wish.name);
        if (before === undefined) throw new RbeeError("NODE_NOT_FOUND", { node: wish.name });
        const node = await testNode(world, mergeWish(before, wish), { wish, errand });
        registry.update(node.name, node);
        tellSaved(errand.story, node);
        if (leadsElsewhere(before, node)) listen(node.name);
        return describeUpdate(before, node);
      }),
    remove: (node, errand) => alone(node.name, () => removeNode(world, node, errand)),
  };
}

function newNode(wish: NodeWish & { readonly sshHost: string }): RegisteredNode {
  return mergeWish(
    {
      name: wish.name,
      sshHost: wish.sshHost,
      // Replaced by what the test finds, when nobody names one.
      sshPort: 0,
      sshUser: undefined,
      sshKeyPath: undefined,
      gitRepoUrl: undefined,
      gitBranch: gitBranchDefault,
      installPath: installPathDefault,
      lastConnectedUnix: undefined,
      lastError: undefined,
      status: "unknown",
      backends: [],
      devices: undefined,
      hostKey: undefined,
    },
    wish,
  );
}

function mergeWish(node: RegisteredNode, wish: NodeWish): RegisteredNode {
  return {
    ...node,
    sshHost: wish.sshHost ?? node.sshHost,
    sshPort: wish.sshPort ?? node.sshPort,
    sshUser: wish.sshUser ?? node.sshUser,
    sshKeyPath: wish.sshKeyPath ?? node.sshKeyPath,
    gitRepoUrl: wish.gitRepoUrl ?? node.gitRepoUrl,
    gitBranch: wish.gitBranch ?? node.gitBranch,
    installPath: wish.installPath ?? node.installPath,
    backends: wish.backends ?? node.backends,
    devices: wish.devices ?? node.devices,
  };
}

function leadsElsewhere(before: RegisteredNode, after: RegisteredNode): boolean {
  return before.sshHost !== after.sshHost || before.sshPort !== after.sshPort;
}

function describeUpdate(before: RegisteredNode, after: RegisteredNode): string {
  const saved = `Node '${after.name}' is changed in the rbee-hive registry.`;
  if (before.installPath === after.installPath) return saved;
  return `${saved} What was installed in ${before.installPath} stays there.`;
}

function tellSaved(story: Story, { name }: RegisteredNode): void {
  const human = `Saving node ${name} in the rbee-hive registry`;
  const line = { action: "node-save", target: name, human, cute: `💾 ${human}` };
  story({ type: "tell", line });
}
