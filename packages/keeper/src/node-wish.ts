import { homedir } from "node:os";
import { RbeeError } from "@rbee/contract";
import type { FieldError } from "@rbee/contract";
import { expandHome, requireKeyFile } from "@rbee/settings";
import type { z } from "zod";
import { integerFlag, switchFlag, textFlag } from "./flags.ts";
import type { FlagValues } from "./flags.ts";
import type { Keeper } from "./keeper.ts";
import { isLoopbackUrl } from "./queen-url.ts";

// The contract says what is allowed, so that all that is wrong is said at once.
const anyNumber = { minimum: Number.MIN_SAFE_INTEGER };

/** What can be said of a machine, when it is added and when it is changed. */
export const nodeWishFlags = {
  name: textFlag("name", "what the node is called here"),
  sshHost: textFlag("host", "name or address of the machine, or a Host of your SSH config"),
  sshPort: integerFlag("its SSH port (default: your SSH config, else 22)", anyNumber),
  sshUser: textFlag("user", "who logs in there (default: your SSH config)"),
  sshKey: textFlag("file", "the private key (default: your SSH config and agent)", {
    completes: "file",
  }),
  gitRepo: textFlag("url", "repository for setup install --from-git"),
  gitBranch: textFlag("name", "its branch", { shownDefault: "main" }),
  installPath: textFlag("path", "where rbee is put on the machine", { shownDefault: "~/rbee" }),
  hostKey: textFlag("SHA256:...", "the host key that the machine must show"),
  acceptHostKey: switchFlag("take the host key that the machine shows now for the right one"),
};
export type NodeWishValues = FlagValues<typeof nodeWishFlags>;

const flagOfField: Readonly<Record<string, string>> = {
  node_name: "--name",
  ssh_host: "--ssh-host",
  ssh_port: "--ssh-port",
  ssh_user: "--ssh-user",
  ssh_key_path: "--ssh-key",
  git_repo_url: "--git-repo",
  git_branch: "--git-branch",
  install_path: "--install-path",
  host_key: "--host-key",
};

/**
 * The request of what was given. Throws INVALID_REQUEST with everything that is wrong with it, then
 * SSH_KEY_NOT_FOUND for a key that cannot be used here.
 */
export function buildNodeWish<Body>(
  schema: z.ZodType<Body>,
  flags: NodeWishValues,
  keeper: Keeper,
): Body {
  const key = flags.sshKey === undefined ? undefined : expandHome(flags.sshKey, homedir());
  const body = parseFields(schema, {
    node_name: flags.name,
    ssh_host: flags.sshHost,
    ssh_port: flags.sshPort,
    ssh_user: flags.sshUser,
    ssh_key_path: key,
    git_repo_url: flags.gitRepo,
    git_branch: flags.gitBranch,
    install_path: flags.installPath,
    host_key: flags.hostKey,
    accept_host_key: flags.acceptHostKey || undefined,
  });
  // A queen elsewhere uses a key that is there.
  if (key !== undefined && isLoopbackUrl(keeper.configuration().queenUrl)) requireKeyFile(key);
  return body;
}

/** Throws INVALID_REQUEST that calls every field by its flag. */
export function parseFields<Body>(schema: z.ZodType<Body>, input: object): Body {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new RbeeError("INVALID_REQUEST", { errors: parsed.error.issues.map(fieldError) });
}

function fieldError({ path, code, message }: z.core.$ZodIssue): FieldError {
  const field = path.map(String).join(".");
  const [, rule = message] = /^(?:Too big|Too small|Invalid \w+): (.*)$/.exec(message) ?? [];
  return { field: flagOfField[field] ?? field, constraint: code, message: rule };
}
