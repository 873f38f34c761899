import { z } from "zod";
import { DevicesOnWire } from "./devices.ts";
import { HiveHealth } from "./health.ts";
import { NodeName } from "./workers.ts";

export const NodeStatus = z.enum(["unknown", "reachable", "unreachable"]);

const sshFields = {
  ssh_port: z.int().min(1).max(65_535).optional(),
  ssh_user: z.string().min(1).max(64).optional(),
  ssh_key_path: z.string().min(1).max(4096).optional(),
  git_repo_url: z.string().min(1).max(2048).optional(),
  git_branch: z.string().min(1).max(255).optional(),
  install_path: z.string().min(1).max(4096).optional(),
  backends: z.array(z.string()).optional(),
  devices: z.record(z.string(), z.json()).optional(),
} as const;

export const AddNodeRequest = z.strictObject({
  node_name: NodeName,
  ssh_host: z.string().min(1).max(255),
  ...sshFields,
});
export type AddNodeRequest = z.infer<typeof AddNodeRequest>;

export const UpdateNodeRequest = z.strictObject({
  node_name: NodeName,
  ssh_host: z.string().min(1).max(255).optional(),
  ...sshFields,
});
export const NodeNameRequest = z.strictObject({ node_name: NodeName });
export const InstallNodeRequest = z.strictObject({
  node_name: NodeName,
  from_git: z.boolean().optional(),
});
export const NodeChanged = z.object({
  success: z.literal(true),
  message: z.string(),
  node_name: z.string(),
});

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
