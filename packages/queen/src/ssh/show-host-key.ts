import { RbeeError } from "@rbee/contract";
import type { ShownHostKey, SshTarget } from "../node-ports.ts";
import { lookWords, targetWords } from "./build-ssh-words.ts";
import type { HostKeyPolicy, SshPlaces } from "./build-ssh-words.ts";
import { keyFiles } from "./key-files.ts";
import { readSshConfig } from "./read-ssh-config.ts";
import { askSsh } from "./run-ssh.ts";
import { translateSshFailure } from "./ssh-failure.ts";

/**
 * The key that a machine shows to whom connects, and whether it is known. Nobody logs in, nothing
 * is recorded; it goes the same way as a login, through the person's configuration and whatever
 * hosts lie between. Throws why nobody gets that far.
 */
export async function showHostKey(
  target: SshTarget,
  places: SshPlaces & { readonly isReplaced: boolean },
): Promise<ShownHostKey> {
  const look = await lookOnce(target, places, places.isReplaced ? "replaced" : "known");
  if (look.known !== "changed") return look;
  // To accept it means that what is recorded does not count: ssh may agree on another key then.
  const { hostKey, keyType } = await lookOnce(target, places, "replaced");
  return { ...look, hostKey, keyType };
}

async function lookOnce(
  target: SshTarget,
  places: SshPlaces,
  policy: HostKeyPolicy,
): Promise<ShownHostKey> {
  const { connectTimeoutMs: timeoutMs } = places;
  const address = await readSshConfig(target, timeoutMs);
  const words = [...lookWords(places, policy), ...targetWords(target), "true"];
  // The first limit is ssh's own; this one is for a greeting that begins and never ends.
  const { stderr, stdout, signal } = await askSsh(words, { timeoutMs: timeoutMs * 2 });
  const heard = { stderr: stderr.replaceAll("\r", ""), stdout, isOverdue: signal === "SIGKILL" };
  const limits = { attempts: 1, timeoutMs };
  const failure = translateSshFailure({ target, address, ...limits, ...heard, ...keyFiles });
  // A host on the way may have shown one before, and been judged.
  const greeting = heard.stderr.slice(Math.max(0, heard.stderr.lastIndexOf("Server host key: ")));
  const [, keyType, hostKey] = /^Server host key: (\S+) (SHA256:\S+)/.exec(greeting) ?? [];
  if (keyType === undefined || hostKey === undefined) throw failure;
  return { hostKey, keyType, ...judgeKey({ greeting, failure, knownHosts: places.knownHosts }) };
}

interface Judged {
  readonly greeting: string;
  readonly failure: RbeeError;
  readonly knownHosts: string;
}

function judgeKey({
  greeting,
  failure,
  knownHosts,
}: Judged): Pick<ShownHostKey, "known" | "recorded"> {
  const isChanged = /REMOTE HOST IDENTIFICATION HAS CHANGED/.test(greeting);
  if (isChanged && RbeeError.is(failure, "SSH_HOST_KEY_CHANGED")) {
    return { known: "changed", recorded: failure.details.recorded_fingerprint };
  }
  if (!/^debug1: Host '.*' is known and matches the /m.test(greeting)) {
    return { known: "new", recorded: undefined };
  }
  const [, file] = /^debug1: Found key in (.+):\d+$/m.exec(greeting) ?? [];
  const known = file === knownHosts ? "recorded" : "in-your-known-hosts";
  return { known, recorded: undefined };
}
