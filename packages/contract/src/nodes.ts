import { z } from "zod";
import { DevicesOnWire } from "./devices.ts";
import { HiveHealth } from "./health.ts";
import { localNodeName, patterns, sizes } from "./limits.ts";
import { Narration } from "./narration.ts";
import { ErrorEvent, ProgressEvent } from "./stream-events.ts";
import { NodeName } from "./workers.ts";

export const NodeStatus = z.enum(["unknown", "reachable", "unreachable"]);

// What is let through here reaches the command line of ssh or git: nothing that begins with a hyphen,
// nothing that a shell or a configuration file would read as more than a name.
const hasNoControl = /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u;
const oneLine = "must not hold control characters";

const SshHost = z
  .string()
  .min(1)
  .max(255)
  .regex(
    patterns.sshHost,
    "must be a name or an address: letters, digits and . _ : % -, not beginning with a hyphen",
  );
const SshUser = z
  .string()
  .min(1)
  .max(64)
  .regex(
    patterns.sshUser,
    "must be a user name: letters, digits and . _ @ + -, not beginning with a hyphen",
  );
const SshKeyPath = z
  .string()
  .min(1)
  .max(4096)
  .regex(hasNoControl, oneLine)
  .refine((path) => path.startsWith("/"), "must be an absolute path on the queen's machine")
  .refine((path) => !path.includes("${"), "must not hold ${");
const GitRepoUrl = z
  .string()
  .min(1)
  .max(2048)
  .regex(patterns.gitUrl, "must be a URL (https, ssh, git, file), user@host:path or /path");
const GitBranch = z
  .string()
  .min(1)
  .max(255)
  .regex(patterns.gitBranch, "must be the name of a branch")
  .refine((name) => !name.includes(".."), "must not hold two dots in a row");
const InstallPath = z
  .string()
  .min(1)
  .max(4096)
  .regex(hasNoControl, oneLine)
  .refine((path) => /^(?:~\/|\/)[^/]/.test(path), "must begin with / or ~/ and name a folder")
  .refine((path) => !path.split("/").includes(".."), "must not hold ..");

const HostKey = z
  .string()
  .max(64)
  .regex(patterns.hostKey, "must be a fingerprint as ssh-keygen -l prints it: SHA256:...");

const nodeFields = {
  ssh_port: z.int().min(1).max(65_535).optional(),
  ssh_user: SshUser.optional(),
  ssh_key_path: SshKeyPath.optional(),
  git_repo_url: GitRepoUrl.optional(),
  git_branch: GitBranch.optional(),
  install_path: InstallPath.optional(),
  backends: z.array(z.string().max(sizes.identifierMax)).max(16).optional(),
  devices: z.record(z.string(), z.json()).optional(),
  /** Takes the host key that the machine shows now for the one to be recorded. */
  accept_host_key: z.boolean().optional(),
  /** The fingerprint that it must show; nothing is saved of a machine that shows another one. */
  host_key: HostKey.optional(),
} as const;

// This machine is a node by itself; it is neither added nor changed.
const RemoteNodeName = NodeName.refine(
  (name) => name.toLowerCase() !== localNodeName,
  `${localNodeName} is this machine: it is always there, not registered`,
);

export const AddNodeRequest = z.strictObject({
  node_name: RemoteNodeName,
  ssh_host: SshHost,
  ...nodeFields,
});
export type AddNodeRequest = z.infer<typeof AddNodeRequest>;

export const UpdateNodeRequest = z.strictObject({
  node_name: RemoteNodeName,
  ssh_host: SshHost.optional(),
  ...nodeFields,
});
export type UpdateNodeRequest = z.infer<typeof UpdateNodeRequest>;

export const HostKeyRequest = z.strictObject({
  ssh_host: SshHost,
  ssh_port: nodeFields.ssh_port,
  ssh_user: nodeFields.ssh_user,
});
export const ShownHostKey = z.object({
  /** `SHA256:...` of the key that the machine shows now. */
  host_key: z.string(),
  /** As ssh names it, such as `ssh-ed25519`. */
  key_type: z.string(),
  /** By whom it is known; `changed` when another one is recorded. */
  known: z.enum(["recorded", "in-your-known-hosts", "new", "changed"]),
  /** The other one, where it can be read. */
  recorded_host_key: z.string().nullable(),
});
export type ShownHostKey = z.infer<typeof ShownHostKey>;

export const NodeNameRequest = z.strictObject({ node_name: RemoteNodeName });
export const InstallNodeRequest = z.strictObject({
  node_name: RemoteNodeName,
  from_git: z.boolean().optional(),
});
export const NodeChanged = z.object({
  success: z.literal(true),
  message: z.string(),
  node_name: z.string(),
});

/** The same as the end of a stream, for who wants to watch. */
export const NodeChangedEvent = z.object({
  type: z.literal("done"),
  done: z.literal(true),
  message: z.string(),
  node_name: z.string(),
});
export type NodeChangedEvent = z.infer<typeof NodeChangedEvent>;
export const NodeEvent = z.union([Narration, ProgressEvent, NodeChangedEvent, ErrorEvent]);
export type NodeEvent = z.infer<typeof NodeEvent>;

export const NodeOnWire = z.object({
  node_name: z.string(),
  ssh_host: z.string(),
  ssh_port: z.int(),
  ssh_user: z.string().nullable(),
  ssh_key_path: z.string().nullable(),
  git_repo_url: z.string().nullable(),
  git_branch: z.string(),
  install_path: z.string(),
  last_connected_unix: z.int().nullable(),
  last_error: z.string().nullable(),
  status: NodeStatus,
  backends: z.array(z.string()),
  devices: z.record(z.string(), z.json()).nullable(),
  /** Fingerprint of the recorded host key. */
  host_key: z.string().nullable(),
});
export type NodeOnWire = z.infer<typeof NodeOnWire>;
export const NodeList = z.object({ nodes: z.array(NodeOnWire) });

export const HiveNodeRequest = z.strictObject({ node: NodeName.optional() });
export const HiveStatusAnswer = z.object({
  node: z.string(),
  running: z.boolean(),
  /** True when this queen started the hive and will stop it. */
  owned: z.boolean(),
  url: z.string().nullable(),
  health: HiveHealth.nullable(),
  devices: DevicesOnWire.nullable(),
});
export type HiveStatusAnswer = z.infer<typeof HiveStatusAnswer>;
