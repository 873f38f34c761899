import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { RbeeError } from "@rbee/contract";
import type { DoctorFinding } from "@rbee/contract";
import { requireKeyFile } from "@rbee/settings";
import type { Environment } from "../keeper.ts";

const check = "SSH keys";
const opensshHead = "openssh-key-v1\0";

/** The keys that ssh offers by itself, and the files that it refuses to read. */
export function checkSshFiles(environment: Environment): readonly DoctorFinding[] {
  const folder = join(environment["HOME"] ?? "", ".ssh");
  const hasAgent = existsSync(environment["SSH_AUTH_SOCK"] ?? "");
  const keys = listKeys(folder);
  const findings = [
    ...checkConfig(join(folder, "config")),
    ...keys.flatMap((path) => checkKey(path, hasAgent)),
  ];
  if (findings.length > 0) return findings;
  if (keys.length > 0 || hasAgent) {
    const found = keys.length === 0 ? "from the agent" : keys.join(", ");
    return [{ check, status: "ok", found, advice: null }];
  }
  const advice = "Other machines need one: ssh-keygen -t ed25519, then ssh-copy-id <user>@<host>";
  return [{ check, status: "warning", found: `no key in ${folder}, no agent`, advice }];
}

function listKeys(folder: string): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => /^id_(?:ed25519|rsa|ecdsa|ed25519_sk|ecdsa_sk)$/.test(name))
    .map((name) => join(folder, name));
}

function checkKey(path: string, hasAgent: boolean): DoctorFinding[] {
  try {
    requireKeyFile(path);
  } catch (error) {
    if (!RbeeError.is(error, "SSH_KEY_NOT_FOUND")) throw error;
    const found = `${path} ${error.details.problem ?? "is missing"}`;
    return [{ check, status: "warning", found, advice: `chmod 600 ${path}` }];
  }
  if (hasAgent || !isEncrypted(readFileSync(path, "utf8"))) return [];
  const found = `${path} has a passphrase and there is no agent: rbee cannot ask for it`;
  const advice = `eval "$(ssh-agent)" && ssh-add ${path}\nthen start the queen in that terminal`;
  return [{ check, status: "warning", found, advice }];
}

/** True when a private key can only be read with its passphrase. */
export function isEncrypted(text: string): boolean {
  const [, kind = "", body = ""] =
    /-----BEGIN ([A-Z ]*)PRIVATE KEY-----([\s\S]*?)-----END/.exec(text) ?? [];
  if (kind !== "OPENSSH ") return kind === "ENCRYPTED " || /^Proc-Type: 4,ENCRYPTED/m.test(body);
  // The name of the cipher follows the head, with its length before it.
  const bytes = Buffer.from(body, "base64");
  const start = opensshHead.length + 4;
  return bytes.subarray(start, start + "none".length).toString("latin1") !== "none";
}

// ssh does not start at all with a configuration that others may write.
function checkConfig(path: string): DoctorFinding[] {
  if (!existsSync(path) || (statSync(path).mode & 0o022) === 0) return [];
  const found = `${path} can be written by others: ssh refuses to read it`;
  return [{ check, status: "problem", found, advice: `chmod 600 ${path}` }];
}
