import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { ProgressEvent } from "@rbee/contract";
import type { Payload } from "@rbee/payload";
import { createSshHost, runProgram, sshHostObstacle } from "@rbee/testkit";
import type { SshHost, SshHostOptions } from "@rbee/testkit";
import type { NodeInstaller, RegisteredNode, Ssh } from "../node-ports.ts";
import type { StoryEvent } from "../ports.ts";
import { createSsh } from "../ssh/create-ssh.ts";
import { createNodeInstaller } from "./create-node-installer.ts";
import { sshTargetOf } from "../node-ports.ts";
import { incompressible, writePayload } from "./payload-fixture.ts";

const skip = sshHostObstacle() ?? false;
const scratch = mkdtempSync(join(tmpdir(), "rbee-installer-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

let folders = 0;
const makePayload = (version: string, extra: Readonly<Record<string, string | Buffer>> = {}) =>
  writePayload({ folder: join(scratch, `payload-${folders++}`), version, extra });

interface Place extends AsyncDisposable {
  readonly host: SshHost;
  readonly ssh: Ssh;
  readonly node: RegisteredNode;
  readonly told: string[];
  readonly progress: ProgressEvent[];
  readonly installer: NodeInstaller;
  readonly install: (
    payload: Payload,
    signal?: AbortSignal,
  ) => ReturnType<NodeInstaller["install"]>;
  readonly uninstall: () => ReturnType<NodeInstaller["uninstall"]>;
  readonly inPath: (name: string) => string;
}

interface PlaceOptions extends SshHostOptions {
  readonly installPath?: string;
  readonly instanceId?: string;
}

async function openPlace(options: PlaceOptions = {}): Promise<Place> {
  const host = await createSshHost(options);
  const ssh = createSsh({
    knownHosts: join(host.folder, "known-hosts"),
    socketFolder: join(host.folder, "sockets"),
    connectTimeoutMs: 5000,
  });
  const node: RegisteredNode = {
    name: "mac",
    sshHost: host.address,
    sshPort: host.port,
    sshUser: host.user,
    sshKeyPath: host.clientKey,
    gitRepoUrl: undefined,
    gitBranch: "main",
    installPath: options.installPath ?? join(host.home, "rbee"),
    lastConnectedUnix: undefined,
    lastError: undefined,
    status: "reachable",
    backends: [],
    devices: undefined,
    hostKey: undefined,
  };
  const told: string[] = [];
  const progress: ProgressEvent[] = [];
  const story = (event: StoryEvent) => {
    if (event.type === "tell") told.push(event.line.human);
  };
  const never = new AbortController().signal;
  const target = sshTargetOf(node);
  await ssh.connect(target, { story, signal: never, acceptHostKey: "new" });
  told.length = 0;
  let payload: Payload | undefined;
  const installer = createNodeInstaller({
    ssh,
    instanceId: options.instanceId ?? "queen-1",
    keysFolder: join(host.folder, "keys"),
    assemblePayload: async () => {
      assert.ok(payload);
      return payload;
    },
  });
  const errand = (signal: AbortSignal) => ({
    story,
    signal,
    onProgress: (event: ProgressEvent) => void progress.push(event),
  });
  return {
    host,
    ssh,
    node,
    told,
    progress,
    installer,
    install: (wanted, signal = never) => {
      payload = wanted;
      return installer.install(node, { ...errand(signal), fromGit: false });
    },
    uninstall: () => installer.uninstall(node, errand(never)),
    inPath: (name) => join(node.installPath.replace("~", host.home), name),
    async [Symbol.asyncDispose]() {
      await ssh.close();
      await host.close();
    },
  };
}

async function versionThere({ inPath }: Place): Promise<string> {
  const run = await runProgram({
    command: [inPath("bin/rbee-hive"), "--version"],
    environment: { PATH: process.env["PATH"] ?? "" },
    directory: "/",
  });
  await run.ended;
  return run.stdout().trim();
}

describe("the installer of nodes", { skip }, () => {
  it("puts a version on a bare machine and says what it does", async () => {
    await using place = await openPlace();
    const payload = makePayload("1.2.3", { "lib/big.bin": incompressible(3) });
    const installed = await place.install(payload);
    assert.deepEqual(
      { version: installed.version, installPath: installed.installPath },
      { version: "1.2.3", installPath: place.node.installPath },
    );
    assert.equal(await versionThere(place), "1.2.3");
    assert.equal(readlinkSync(place.inPath("current")), `versions/${payload.name}`);
    assert.deepEqual(readdirSync(place.node.installPath).sort(), ["bin", "current", "versions"]);
    for (const { path, mode, sizeBytes } of payload.files) {
      const status = statSync(place.inPath(`current/${path}`));
      assert.deepEqual([status.mode & 0o777, status.size], [mode, sizeBytes], path);
    }
    const actions = place.told.map((line) => line.split(" ")[0]);
    assert.deepEqual(actions, [
      "connecting",
      "checking",
      "mac",
      "assembling",
      "sending",
      "unpacking",
      "verifying",
    ]);
    const last = place.progress.at(-1);
    assert.ok(last?.stage === "sending");
    assert.equal(last.bytes_sent, last.bytes_total);
    // The two launchers are the same, so one of them is sent.
    const launcher = payload.files.find(({ path }) => path === "bin/rbee-hive");
    assert.equal(last.bytes_total, payload.sizeBytes - (launcher?.sizeBytes ?? 0));
  });
});
