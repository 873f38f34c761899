import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { eventually } from "../eventually.ts";
import { isAlive, listDescendants, listProcessesWith } from "../process-table.ts";

export interface SshHostOptions {
  /** Stands in `Host` of the configuration file; the default is made from the address. */
  readonly name?: string;
  /** The shell that gets the remote command, by name or path. */
  readonly loginShell?: string;
  /** What the login shell prints before it does anything, on both streams. */
  readonly banner?: string;
  /** Variables of every session, beside HOME. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Further lines of sshd's configuration. */
  readonly serverConfig?: readonly string[];
}

/** A machine with nothing but an SSH server: one sshd of its own on an address of its own. */
export interface SshHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly home: string;
  /** Everything of the host that is not its HOME: keys, configuration, log. */
  readonly folder: string;
  readonly clientKey: string;
  /** A client's configuration with `Host <name>`; sessions need no known host with it. */
  readonly clientConfig: string;
  /** `SHA256:...` of the host key that is in use. */
  readonly hostKeyFingerprint: () => string;
  readonly start: () => Promise<void>;
  /** Ends the server and its sessions; what a session left in the background lives on. */
  readonly stop: () => Promise<void>;
  /** Nothing answers any more, but no connection ends either. */
  readonly freeze: () => void;
  readonly unfreeze: () => void;
  /** How often somebody has logged in since the host began. */
  readonly countLogins: () => number;
  readonly changeHostKey: () => Promise<void>;
  /** Adds a public key file to those that may log in. */
  readonly authorize: (publicKeyFile: string) => void;
  readonly log: () => string;
  /** Ends everything that ran here and removes the host's files. */
  readonly close: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const sshd = "/usr/sbin/sshd";

/** Why hosts cannot be made on this machine; undefined when they can. */
export function sshHostObstacle(): string | undefined {
  if (process.platform !== "linux") return "addresses 127.0.0.N need Linux";
  return existsSync(sshd) ? undefined : "there is no sshd; install openssh-server";
}

/** Starts an sshd for the user of this process; no root is needed. */
export async function createSshHost(options: SshHostOptions = {}): Promise<SshHost> {
  const address = `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(2, 255)}`;
  const place = makeFiles({ options, address, port: await takeFreePort(address) });
  let server: ChildProcess | undefined;
  const processes = () =>
    server?.pid === undefined ? [] : [server.pid, ...listDescendants(server.pid)];
  const signalAll = (name: NodeJS.Signals) => processes().forEach((pid) => signal(pid, name));

  const start = async () => {
    const before = countStarts(place.logFile);
    server = spawn(sshd, ["-D", "-f", place.serverConfig, "-E", place.logFile], {
      stdio: "ignore",
    });
    const what = `sshd on ${address}:${place.port}`;
    await eventually(() => countStarts(place.logFile) > before, { what });
  };
  const stop = async () => {
    const running = server;
    if (running === undefined) return;
    // A session that outlives the server would go unseen, so all are looked up first.
    signalAll("SIGKILL");
    server = undefined;
    if (running.exitCode === null && running.signalCode === null) {
      await new Promise((resolve) => running.once("exit", resolve));
    }
  };
  const close = async () => {
    await stop();
    const left = listProcessesWith("HOME", place.home).map(({ pid }) => pid);
    for (const pid of left) signal(pid, "SIGKILL");
    await eventually(() => !left.some(isAlive), { what: "the end of what ran on the host" });
    rmSync(place.folder, { recursive: true, force: true, maxRetries: 5 });
  };

  await start();
  return {
    ...place,
    hostKeyFingerprint: () => fingerprintOf(`${place.hostKey}.pub`),
    start,
    stop,
    freeze: () => signalAll("SIGSTOP"),
    unfreeze: () => signalAll("SIGCONT"),
    countLogins: () => readLog(place.logFile).match(/^Accepted publickey for /gm)?.length ?? 0,
    changeHostKey: async () => {
      await stop();
      makeKey(place.hostKey);
      await start();
    },
    authorize: (file) => appendFileSync(place.authorizedKeys, readFileSync(file)),
    log: () => readLog(place.logFile),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface PlaceInput {
  readonly options: SshHostOptions;
  readonly address: string;
  readonly port: number;
}

function makeFiles({ options, address, port }: PlaceInput) {
  const folder = mkdtempSync(join(tmpdir(), "rbee-host-"));
  const place = {
    name: options.name ?? `host-${address.replaceAll(".", "-")}`,
    address,
    port,
    user: userInfo().username,
    folder,
    home: join(folder, "home"),
    hostKey: join(folder, "host-key"),
    clientKey: join(folder, "client-key"),
    clientConfig: join(folder, "ssh-config"),
    authorizedKeys: join(folder, "authorized-keys"),
    serverConfig: join(folder, "sshd-config"),
    logFile: join(folder, "sshd.log"),
  };
  mkdirSync(place.home);
  makeKey(place.hostKey);
  makeKey(place.clientKey);
  writeFileSync(place.authorizedKeys, readFileSync(`${place.clientKey}.pub`), { mode: 0o600 });
  const session = join(folder, "session");
  writeFileSync(session, sessionScript(options), { mode: 0o755 });
  writeFileSync(place.serverConfig, serverConfig({ ...place, session, options }));
  writeFileSync(place.clientConfig, clientConfig(place));
  // A server that root starts keeps its unprivileged part in there.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  return place;
}

// The server would start sessions in the account's real HOME, with the account's real shell.
function sessionScript({ loginShell = "/bin/sh", banner }: SshHostOptions): string {
  const lines = ["#!/bin/sh", 'cd "$HOME" || exit 1'];
  if (banner !== undefined) {
    const word = `'${banner.replaceAll("'", "'\\''")}'`;
    lines.push(`printf '%s\\n' ${word}`, `printf '%s\\n' ${word} >&2`);
  }
  lines.push(`[ -n "$SSH_ORIGINAL_COMMAND" ] || exec ${loginShell}`);
  lines.push(`exec ${loginShell} -c "$SSH_ORIGINAL_COMMAND"`);
  return `${lines.join("\n")}\n`;
}

interface ServerConfigInput extends Omit<PlaceInput, "options"> {
  readonly options: SshHostOptions;
  readonly home: string;
  readonly hostKey: string;
  readonly authorizedKeys: string;
  readonly folder: string;
  readonly session: string;
}

function serverConfig(place: ServerConfigInput): string {
  const variables = { HOME: place.home, ...place.options.environment };
  const settings = Object.entries(variables).map(([name, value]) => `"${name}=${value}"`);
  return [
    ...(place.options.serverConfig ?? []),
    `ListenAddress ${place.address}:${place.port}`,
    `HostKey ${place.hostKey}`,
    `AuthorizedKeysFile ${place.authorizedKeys}`,
    `PidFile ${join(place.folder, "sshd.pid")}`,
    // The folder for temporary files, above all of this, is writable for everybody.
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "MaxStartups 100",
    "PrintMotd no",
    "LogLevel VERBOSE",
    `SetEnv ${settings.join(" ")}`,
    `ForceCommand ${place.session}`,
    "",
  ].join("\n");
}

interface ClientConfigInput extends Omit<PlaceInput, "options"> {
  readonly name: string;
  readonly user: string;
  readonly clientKey: string;
}

function clientConfig({ name, address, port, user, clientKey }: ClientConfigInput): string {
  return [
    `Host ${name}`,
    `  HostName ${address}`,
    `  Port ${port}`,
    `  User ${user}`,
    `  IdentityFile ${clientKey}`,
    "  IdentitiesOnly yes",
    "",
  ].join("\n");
}

/** Makes a key pair in `file` and `file.pub`, in the place of one that is there. */
export function makeKey(file: string, passphrase = ""): void {
  rmSync(file, { force: true });
  rmSync(`${file}.pub`, { force: true });
  const words = ["-q", "-t", "ed25519", "-N", passphrase, "-C", "rbee test", "-f", file];
  const made = spawnSync("ssh-keygen", words, { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`ssh-keygen made no key: ${made.stderr}`);
}

function fingerprintOf(publicKeyFile: string): string {
  const blob = readFileSync(publicKeyFile, "utf8").split(" ")[1] ?? "";
  const digest = createHash("sha256").update(Buffer.from(blob, "base64")).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}

function readLog(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

function takeFreePort(address: string): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once("error", reject);
    probe.listen(0, address, () => {
      const listening = probe.address();
      const port = typeof listening === "object" ? listening?.port : undefined;
      probe.close(() => (port === undefined ? reject(new Error("no port")) : resolve(port)));
    });
  });
}

function countStarts(logFile: string): number {
  return readLog(logFile).match(/^Server listening on /gm)?.length ?? 0;
}
