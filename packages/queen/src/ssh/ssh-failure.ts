import { createHash } from "node:crypto";
import { RbeeError } from "@rbee/contract";
import type { SshTarget } from "../node-ports.ts";
import type { ResolvedTarget } from "./read-ssh-config.ts";

/** What is known when a connection did not come about. */
export interface SshFailure {
  readonly target: SshTarget;
  readonly address: ResolvedTarget;
  /** Everything that ssh said. */
  readonly stderr: string;
  /** What the login shell said, when it came so far. */
  readonly stdout: string;
  readonly isOverdue: boolean;
  readonly attempts: number;
  readonly timeoutMs: number;
  /** A line of a file of known hosts. */
  readonly readLine: (file: string, line: number) => string | undefined;
  /** ssh says that it tries a key before it looks whether there is one. */
  readonly isThere: (file: string) => boolean;
}

/** Turns what ssh said into the error that a person can do something about. */
export function translateSshFailure(failure: SshFailure): RbeeError {
  const { stderr, target } = failure;
  const where = placeOf(failure);
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/.test(stderr)) {
    return new RbeeError("SSH_HOST_KEY_CHANGED", { ...where, ...fingerprints(failure) });
  }
  if (/Permission denied \(|Too many authentication failures/.test(stderr)) {
    return new RbeeError("SSH_AUTH_FAILED", { ...where, keys_tried: listKeysTried(failure) });
  }
  if (/Could not resolve hostname|Name or service not known/.test(stderr)) {
    return new RbeeError("SSH_HOST_UNKNOWN", where);
  }
  if (/Connection refused/.test(stderr)) return new RbeeError("SSH_CONNECTION_REFUSED", where);
  if (failure.isOverdue || /[Tt]imed out/.test(stderr)) {
    const { attempts, timeoutMs: timeout_ms } = failure;
    return new RbeeError("SSH_CONNECTION_TIMEOUT", { ...where, attempts, timeout_ms });
  }
  return new RbeeError("NODE_UNREACHABLE", { node: target.name, reason: reasonOf(failure) });
}

/** Another attempt may end otherwise: nobody answered, or whoever did was busy. */
export function isWorthRetrying(error: RbeeError): boolean {
  return (
    RbeeError.is(error, "SSH_CONNECTION_TIMEOUT") ||
    RbeeError.is(error, "SSH_CONNECTION_REFUSED") ||
    RbeeError.is(error, "NODE_UNREACHABLE")
  );
}

/** `SHA256:...` of the key that the host showed. */
export function findOfferedFingerprint(stderr: string): string | undefined {
  return /Server host key: \S+ (SHA256:\S+)/.exec(stderr)?.[1];
}

// A host on the way may be the one that did not answer; then ssh names that one.
function placeOf({ target, address, stderr }: SshFailure) {
  const named = /ssh: connect to host (\S+) port (\d+):/.exec(stderr);
  const unresolved = /Could not resolve hostname ([^\s:]+):/.exec(stderr)?.[1];
  const denied = /^(?:(\S+)@)?(\S+): Permission denied \(/m.exec(stderr);
  return {
    node: target.name,
    host: named?.[1] ?? unresolved ?? denied?.[2] ?? address.hostName,
    port: named?.[2] === undefined ? address.port : Number(named[2]),
    user: denied?.[1] ?? address.user,
  };
}

function fingerprints({ stderr, readLine }: SshFailure) {
  const offending = /^Offending \S+ key in (.+):(\d+)\s*$/m.exec(stderr);
  const line =
    offending?.[1] === undefined ? undefined : readLine(offending[1], Number(offending[2]));
  const recorded = line === undefined ? undefined : fingerprintOfLine(line);
  const offered = findOfferedFingerprint(stderr);
  return {
    ...(recorded === undefined ? {} : { recorded_fingerprint: recorded }),
    ...(offered === undefined ? {} : { offered_fingerprint: offered }),
  };
}

// `[@marker] names type key [comment]`
function fingerprintOfLine(line: string): string | undefined {
  const key = /(?:ssh-|ecdsa-|sk-)\S+ ([A-Za-z0-9+/=]+)/.exec(line)?.[1];
  if (key === undefined) return undefined;
  const digest = createHash("sha256").update(Buffer.from(key, "base64")).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}

/** Key files that ssh offered, or could not use and why. */
function listKeysTried({ stderr, isThere }: SshFailure): string[] {
  const keys = new Map<string, string>();
  for (const [, path] of stderr.matchAll(/^debug1: Offering public key: (.+?) \S+ SHA256:\S+/gm)) {
    if (path !== undefined) keys.set(path, "");
  }
  for (const [, path] of stderr.matchAll(/^debug1: Trying private key: (.+)$/gm)) {
    if (path !== undefined && !keys.has(path) && isThere(path)) keys.set(path, "");
  }
  for (const [, path] of stderr.matchAll(/^debug1: Server accepts key: (.+?) \S+ SHA256:\S+/gm)) {
    if (path !== undefined) keys.set(path, "needs its passphrase: ssh-add it to your agent");
  }
  for (const [, path, problem] of stderr.matchAll(/^Load key "(.+)": (.+)$/gm)) {
    if (path !== undefined) keys.set(path, explain(problem ?? ""));
  }
  return [...keys].map(([path, problem]) => (problem === "" ? path : `${path} (${problem})`));
}

function explain(problem: string): string {
  if (problem === "bad permissions") return "others may read it, so ssh ignores it: chmod 600";
  if (/incorrect passphrase/.test(problem)) {
    return "needs its passphrase: ssh-add it to your agent";
  }
  return problem;
}

// The last words that are not ssh's own talk about its work; once one is in, those from there.
function reasonOf({ stderr, stdout, address }: SshFailure): string {
  const [before = "", ...after] = stderr.split(/^Authenticated to .*$/m);
  const said = lastWords(after.join("\n")) ?? lastWords(stdout) ?? lastWords(before);
  const host = `${address.hostName}:${address.port}`;
  if (said === undefined) return `The SSH connection to ${host} ended without a word.`;
  return `SSH to ${host}: ${said.replace(/^ssh: /, "").slice(0, 300)}`;
}

const ownTalk = /^(?:debug\d|Transferred|Bytes per second|Warning):?/;

function lastWords(text: string): string | undefined {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.findLast((line) => line !== "" && !ownTalk.test(line));
}
