import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeOnce } from "../make-once.ts";
import { isInstalled } from "../is-installed.ts";

/** What every network of test hosts stands on, made once and kept. */
export interface Debian {
  /** The root of a minimal Debian with an SSH server, to be read only. */
  readonly root: string;
  /** Keys by name: `person`, `stranger`, and the host key of each host. */
  readonly keys: string;
}

const cache = join(import.meta.dirname, "../../../../.cache/hosts");
const edition = "bookworm-2";
const keyNames = ["person", "stranger", "host-blep", "host-workstation", "host-mac"];
const buildLimitMs = 600_000;
const programs = ["debootstrap", "ip", "tc", "unshare", "nsenter", "ssh-keygen", "pivot_root"];

/** Why there can be no network of hosts on this machine; empty when there can. */
export function hostNetworkObstacles(): string[] {
  if (process.platform !== "linux") return ["Linux"];
  if (process.getuid?.() !== 0) return ["root (for hosts of its own)"];
  const absent = programs.filter((name) => !isInstalled(name));
  if (absent.length > 0) return [`the programs ${absent.join(", ")}`];
  return mayMakeNamespaces() ? [] : ["the right to make namespaces and mounts"];
}

function mayMakeNamespaces(): boolean {
  const attempt = [
    "mount -t tmpfs tmpfs /mnt && mkdir /mnt/a /mnt/b /mnt/c /mnt/d",
    "mount -t overlay overlay -o lowerdir=/mnt/a,upperdir=/mnt/b,workdir=/mnt/c /mnt/d",
    "ip link add rbee0 type veth peer name rbee1",
  ].join(" && ");
  const words = ["--net", "--mount", "--pid", "--fork", "--propagation", "private"];
  return spawnSync("unshare", [...words, "sh", "-c", attempt], { stdio: "ignore" }).status === 0;
}

/** Gives the Debian below all hosts; makes it when it is not there, or waits for who is making it. */
export async function ensureDebian(): Promise<Debian> {
  const folder = join(cache, edition);
  await makeOnce({
    folder,
    lock: join(cache, "making"),
    limitMs: buildLimitMs,
    what: "the Debian of the test hosts",
    make: () => makeDebian(folder),
  });
  return { root: join(folder, "root"), keys: join(folder, "keys") };
}

function makeDebian(folder: string): void {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  const root = join(partial, "root");
  mkdirSync(root, { recursive: true });
  const { error, status, stdout, stderr } = spawnSync(
    "debootstrap",
    ["--variant=minbase", "--include=openssh-server", "bookworm", root, findMirror()],
    { encoding: "utf8", timeout: buildLimitMs },
  );
  if (status !== 0) {
    const story = `${stdout}\n${stderr}`.trim().split("\n").slice(-15).join("\n");
    throw new Error(`debootstrap made no Debian for the test hosts:\n${story}`, { cause: error });
  }
  prepareRoot(root);
  makeKeys(join(partial, "keys"));
  renameSync(partial, folder);
}

// The mirror that this machine's apt uses for Debian itself.
function findMirror(): string {
  const { stdout } = spawnSync("apt-get", ["indextargets", "--format", "$(REPO_URI)"], {
    encoding: "utf8",
  });
  const found = (stdout ?? "").split("\n").find((uri) => /\/debian\/?$/.test(uri));
  return found ?? "http://deb.debian.org/debian";
}

function prepareRoot(root: string): void {
  const run = (...words: string[]) => execFileSync("chroot", [root, ...words], { stdio: "pipe" });
  run("useradd", "--create-home", "--shell", "/bin/bash", "--uid", "1000", "bee");
  // An account without a password, which is not the same as a locked one.
  run("usermod", "--password", "*", "bee");
  for (const name of ["rsa", "ecdsa", "ed25519"]) {
    rmSync(join(root, `etc/ssh/ssh_host_${name}_key`), { force: true });
    rmSync(join(root, `etc/ssh/ssh_host_${name}_key.pub`), { force: true });
  }
  writeFileSync(join(root, "etc/ssh/sshd_config"), serverConfig);
  writeFileSync(join(root, "etc/resolv.conf"), "");
  for (const path of ["var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc"]) {
    rmSync(join(root, path), { recursive: true, force: true });
  }
}

// Accounts and sessions as the sshd of a small server has them, without what asks other machines.
const serverConfig = `
HostKey /etc/ssh/ssh_host_ed25519_key
PidFile /run/sshd.pid
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
MaxStartups 100
Subsystem sftp /usr/lib/openssh/sftp-server
`;

function makeKeys(folder: string): void {
  mkdirSync(folder, { mode: 0o700 });
  for (const name of keyNames) {
    const path = join(folder, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path]);
    chmodSync(path, 0o600);
  }
}
