import { timings } from "@rbee/contract";
import type { SshTarget } from "../node-ports.ts";

/** What every connection of this queen has in common. */
export interface SshPlaces {
  /** Where host keys are recorded; the person's own file is read too. */
  readonly knownHosts: string;
  readonly connectTimeoutMs: number;
}

/**
 * `known`: it must be recorded. `new`: it may be unknown, and is recorded then. `replaced`: what
 * others have recorded of this host does not count.
 */
export type HostKeyPolicy = "known" | "new" | "replaced";

// Lines of a person's configuration that are meant for a terminal, and would do harm here.
const quietOptions = [
  // What older clients do not know is left out by them.
  "IgnoreUnknown=SessionType,ForkAfterAuthentication,StdinNull",
  "SessionType=default",
  "ForkAfterAuthentication=no",
  "StdinNull=no",
  "BatchMode=yes",
  "RequestTTY=no",
  "RemoteCommand=none",
  "PermitLocalCommand=no",
  "EscapeChar=none",
  "ForwardAgent=no",
  "ForwardX11=no",
  "Tunnel=no",
  "VisualHostKey=no",
  "ControlPersist=no",
];

/** Who is meant: for `ssh -G` and for everything else. */
export function targetWords({ sshHost, sshPort, sshUser, sshKeyPath }: SshTarget): string[] {
  return [
    ...(sshPort === undefined ? [] : ["-p", String(sshPort)]),
    ...(sshUser === undefined ? [] : ["-l", sshUser]),
    // With a key of its own, no other key wears out the server's patience.
    ...(sshKeyPath === undefined
      ? []
      : ["-o", `IdentityFile=${quotePath(sshKeyPath)}`, "-o", "IdentitiesOnly=yes"]),
    "--",
    sshHost,
  ];
}

/** The options of the one connection that all others ride on. */
export function connectionWords(
  { knownHosts, connectTimeoutMs }: SshPlaces,
  socket: string,
  policy: HostKeyPolicy,
): string[] {
  const seconds = (milliseconds: number) => Math.max(1, Math.ceil(milliseconds / 1000));
  return asOptions([
    ...quietOptions,
    "ControlMaster=yes",
    `ControlPath=${quotePath(socket)}`,
    "ClearAllForwardings=yes",
    `ConnectTimeout=${seconds(connectTimeoutMs)}`,
    "ConnectionAttempts=1",
    `ServerAliveInterval=${seconds(timings.sshAliveIntervalMs)}`,
    `ServerAliveCountMax=${timings.sshAliveMissedMax}`,
    "TCPKeepAlive=yes",
    ...hostKeyOptions(knownHosts, policy),
    "UpdateHostKeys=no",
    "HashKnownHosts=no",
    "CheckHostIP=no",
    // Which keys were offered, and the host's own key, are said at this level only.
    "LogLevel=DEBUG1",
  ]);
}

/** The options of a look at the key that the host shows: it is for nobody to log in with. */
export function lookWords(
  { knownHosts, connectTimeoutMs }: SshPlaces,
  policy: HostKeyPolicy,
): string[] {
  const files =
    policy === "replaced"
      ? ["UserKnownHostsFile=/dev/null", "GlobalKnownHostsFile=/dev/null"]
      : [`UserKnownHostsFile=${quotePath(knownHosts)} ~/.ssh/known_hosts`];
  return asOptions([
    ...quietOptions,
    "ControlMaster=no",
    "ControlPath=none",
    "ClearAllForwardings=yes",
    `ConnectTimeout=${Math.max(1, Math.ceil(connectTimeoutMs / 1000))}`,
    "ConnectionAttempts=1",
    ...files,
    "StrictHostKeyChecking=yes",
    "UpdateHostKeys=no",
    "CheckHostIP=no",
    "PreferredAuthentications=none",
    "PubkeyAuthentication=no",
    "LogLevel=DEBUG1",
  ]);
}

// Ours first: that is where new keys are written. One that matches is enough, wherever it stands.
function hostKeyOptions(knownHosts: string, policy: HostKeyPolicy): string[] {
  const own = `UserKnownHostsFile=${quotePath(knownHosts)}`;
  const check = `StrictHostKeyChecking=${policy === "known" ? "yes" : "accept-new"}`;
  if (policy === "replaced") return [own, "GlobalKnownHostsFile=/dev/null", check];
  return [`${own} ~/.ssh/known_hosts`, check];
}

/** The options of whatever rides on an open connection. It never opens one of its own. */
export function sessionWords(socket: string): string[] {
  return asOptions([
    ...quietOptions,
    "ControlMaster=no",
    `ControlPath=${quotePath(socket)}`,
    "ClearAllForwardings=yes",
    // Asked for only when the connection cannot be used: then this must fail, not log in anew.
    "ProxyCommand=false",
    "LogLevel=ERROR",
  ]);
}

/** The options of a request to the open connection itself. */
export function controlWords(socket: string, request: "forward" | "cancel"): string[] {
  const options = ["ClearAllForwardings=no", "ProxyCommand=false", "LogLevel=ERROR"];
  const path = `ControlPath=${quotePath(socket)}`;
  return ["-O", request, ...asOptions([...quietOptions, path, ...options])];
}

function asOptions(options: readonly string[]): string[] {
  return options.flatMap((option) => ["-o", option]);
}

// A value is split at blanks unless it is quoted, and a percent sign begins a token.
function quotePath(path: string): string {
  const escaped = path.replaceAll("%", "%%").replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return `"${escaped}"`;
}
