import type { Readable, Writable } from "node:stream";
import type { ProgressEvent } from "@rbee/contract";
import type { Story } from "./ports.ts";

/** A registered machine, as the registry keeps it. */
export interface RegisteredNode {
  readonly name: string;
  readonly sshHost: string;
  readonly sshPort: number;
  readonly sshUser: string | undefined;
  /** Absolute, on this machine. */
  readonly sshKeyPath: string | undefined;
  readonly gitRepoUrl: string | undefined;
  readonly gitBranch: string;
  /** Absolute, on the node. */
  readonly installPath: string;
  readonly lastConnectedUnix: number | undefined;
  readonly lastError: string | undefined;
  readonly status: "unknown" | "reachable" | "unreachable";
  readonly backends: readonly string[];
  readonly devices: Readonly<Record<string, unknown>> | undefined;
  /** Fingerprint of the host key that was recorded when the node was added. */
  readonly hostKey: string | undefined;
}

/** The lasting registry of nodes; it never holds this machine. */
export interface NodeRegistry {
  /** Sorted by name; the same array until something changes. */
  readonly list: () => readonly RegisteredNode[];
  readonly find: (name: string) => RegisteredNode | undefined;
  /** Throws NODE_ALREADY_EXISTS. */
  readonly insert: (node: RegisteredNode) => void;
  /** Throws NODE_NOT_FOUND. */
  readonly update: (name: string, change: Partial<Omit<RegisteredNode, "name">>) => void;
  /** Throws NODE_NOT_FOUND. */
  readonly remove: (name: string) => void;
}

/** What `ssh` is told of a machine; what is left out is found in the person's SSH configuration. */
export interface SshTarget {
  readonly name: string;
  readonly sshHost: string;
  readonly sshPort: number | undefined;
  readonly sshUser: string | undefined;
  readonly sshKeyPath: string | undefined;
}

/** The usual port is left to the person's SSH configuration, which may name another. */
export function sshTargetOf(node: RegisteredNode): SshTarget {
  const { name, sshHost, sshPort, sshUser, sshKeyPath } = node;
  return { name, sshHost, sshPort: sshPort === 22 ? undefined : sshPort, sshUser, sshKeyPath };
}

/** What `ssh -G` makes of a target. */
export interface SshAddress {
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly isBehindJump: boolean;
}

/** The key that a machine shows before anybody logs in. */
export interface ShownHostKey {
  /** `SHA256:...` */
  readonly hostKey: string;
  /** As ssh names it: `ssh-ed25519`. */
  readonly keyType: string;
  /**
   * - recorded: the queen's own file has it.
   * - in-your-known-hosts: the person's file has it, or the system's.
   * - new: nobody has recorded a key of this machine.
   * - changed: another one is recorded.
   */
  readonly known: "recorded" | "in-your-known-hosts" | "new" | "changed";
  /** The fingerprint of the other one, where it can be read. */
  readonly recorded: string | undefined;
}

export interface RemoteRun {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RemoteOptions {
  readonly signal: AbortSignal;
  /** Ends the wait for the command's end, in ms; the failure is NODE_UNREACHABLE. */
  readonly timeoutMs?: number;
  /** Sent to the command, then closed. Secrets travel here, never among the words. */
  readonly input?: string | Uint8Array | Readable;
  readonly onLine?: (line: string, from: "stdout" | "stderr") => void;
}

/** A command that runs on a node; its streams are the remote ones. */
export interface RemoteProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly signal: string | null }>;
  readonly kill: () => void;
}

/**
 * The machines over the system's OpenSSH client: one multiplexed connection per node, opened when
 * first needed. Every failure to get in arrives as SSH_CONNECTION_TIMEOUT, SSH_CONNECTION_REFUSED,
 * SSH_HOST_UNKNOWN, SSH_AUTH_FAILED, SSH_HOST_KEY_CHANGED or SSH_KEY_NOT_FOUND; a command that ran
 * and failed is no such failure.
 */
export interface Ssh {
  readonly resolve: (target: SshTarget) => Promise<SshAddress>;
  /**
   * Looks at the key that a machine shows; nobody logs in and nothing is recorded. With
   * `isReplaced`, what is recorded does not count, as for a key that is accepted as changed.
   */
  readonly showHostKey: (
    target: SshTarget,
    options: { readonly isReplaced: boolean },
  ) => Promise<ShownHostKey>;
  /**
   * Opens the connection unless it is open: three attempts at 0/200/400 ms, each told.
   * `acceptHostKey` records the key of a machine that is not known yet ("new"), or replaces the
   * recorded one ("changed").
   */
  readonly connect: (
    target: SshTarget,
    options: {
      readonly story: Story;
      readonly signal: AbortSignal;
      readonly acceptHostKey?: "new" | "changed";
    },
  ) => Promise<{ readonly hostKey: string | undefined }>;
  /** Runs words (each quoted for whatever login shell is there) to their end. */
  readonly run: (
    target: SshTarget,
    words: readonly string[],
    options: RemoteOptions,
  ) => Promise<RemoteRun>;
  readonly start: (
    target: SshTarget,
    words: readonly string[],
    options: Pick<RemoteOptions, "signal">,
  ) => Promise<RemoteProcess>;
  /**
   * A port of this machine's loopback that leads to a port of the node's loopback. It keeps its
   * number; ask again before each use, so that a connection that broke is opened again.
   */
  readonly forward: (target: SshTarget, remotePort: number, signal: AbortSignal) => Promise<number>;
  /** Closes the connection and forgets the recorded host key. */
  readonly forget: (target: SshTarget) => Promise<void>;
  /** Closes the connection to one node, or to all. */
  readonly close: (name?: string) => Promise<void>;
}

export interface NodeErrand {
  readonly story: Story;
  readonly onProgress: (progress: ProgressEvent) => void;
  readonly signal: AbortSignal;
}

/** Puts rbee on nodes and takes it away again. */
export interface NodeInstaller {
  /**
   * Repeatable: what is there already is not sent again. Throws the failures of `Ssh`,
   * PLATFORM_UNSUPPORTED, PAYLOAD_UNAVAILABLE, INSUFFICIENT_DISK, INSTALL_RUNNING, INSTALL_FAILED,
   * BUILD_TOOLS_MISSING.
   */
  readonly install: (
    node: RegisteredNode,
    errand: NodeErrand & { readonly fromGit: boolean },
  ) => Promise<{
    readonly version: string;
    readonly installPath: string;
    /** This version was in use there already, and all of it is as it should be. */
    readonly isUnchanged: boolean;
  }>;
  /** Takes away all that rbee put there except models; says where those are. */
  readonly uninstall: (
    node: RegisteredNode,
    errand: NodeErrand,
  ) => Promise<{ readonly modelsPath: string | undefined }>;
}
