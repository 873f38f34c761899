import assert from "node:assert/strict";
import { join } from "node:path";
import { RbeeError } from "@rbee/contract";
import type { ErrorCode, ErrorDetails, ProgressEvent } from "@rbee/contract";
import type { Payload } from "@rbee/payload";
import { createSshHost, runProgram } from "@rbee/testkit";
import type { SshHost, SshHostOptions } from "@rbee/testkit";
import { sshTargetOf } from "../node-ports.ts";
import type { NodeInstaller, RegisteredNode } from "../node-ports.ts";
import type { StoryEvent } from "../ports.ts";
import { registeredHost } from "../registered-node-fixture.ts";
import { createSsh } from "../ssh/create-ssh.ts";
import { createNodeInstaller } from "./create-node-installer.ts";

/** A machine behind SSH, and an installer that knows it. */
export interface Place extends AsyncDisposable {
  readonly host: SshHost;
  readonly node: RegisteredNode;
  readonly told: string[];
  readonly progress: ProgressEvent[];
  readonly install: (
    payload: Payload,
    options?: InstallOptions,
  ) => ReturnType<NodeInstaller["install"]>;
  readonly uninstall: () => ReturnType<NodeInstaller["uninstall"]>;
  readonly inPath: (name: string) => string;
}

interface InstallOptions {
  /** Another queen's. */
  readonly instanceId?: string;
  readonly fromGit?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: ProgressEvent) => void;
}

interface PlaceOptions extends SshHostOptions {
  readonly installPath?: string;
  readonly instanceId?: string;
}

export async function openPlace(options: PlaceOptions = {}): Promise<Place> {
  const host = await createSshHost(options);
  const ssh = createSsh({
    knownHosts: join(host.folder, "known-hosts"),
    socketFolder: join(host.folder, "sockets"),
    connectTimeoutMs: 5000,
  });
  const node = registeredHost(host, {
    status: "reachable",
    installPath: options.installPath ?? join(host.home, "rbee"),
  });
  const told: string[] = [];
  const progress: ProgressEvent[] = [];
  const story = (event: StoryEvent) => {
    if (event.type === "tell") told.push(event.line.human);
  };
  const never = new AbortController().signal;
  await ssh.connect(sshTargetOf(node), { story, signal: never, acceptHostKey: "new" });
  told.length = 0;
  const errand = ({ signal = never, onProgress = () => {} }: InstallOptions = {}) => ({
    story,
    signal,
    onProgress(event: ProgressEvent) {
      progress.push(event);
      onProgress(event);
    },
  });
  const installerOf = (payload: Payload | undefined, instanceId = "queen-1") =>
    createNodeInstaller({
      ssh,
      instanceId,
      keysFolder: join(host.folder, "keys"),
      assemblePayload: async () => await Promise.resolve(payload ?? assert.fail("no payload")),
    });
  const installers = new Map<Payload, NodeInstaller>();
  return {
    host,
    node,
    told,
    progress,
    install: (payload, { instanceId, fromGit = false, ...given } = {}) => {
      // The same installer for the same queen, which may be busy with this machine.
      const own = installers.get(payload) ?? installerOf(payload);
      installers.set(payload, own);
      const installer = instanceId === undefined ? own : installerOf(payload, instanceId);
      return installer.install(node, { ...errand(given), fromGit });
    },
    uninstall: () => installerOf(undefined).uninstall(node, errand()),
    inPath: (name) => join(node.installPath.replace("~", host.home), name),
    async [Symbol.asyncDispose]() {
      await ssh.close();
      await host.close();
    },
  };
}

export async function failureOf<Code extends ErrorCode>(
  work: Promise<unknown>,
  code: Code,
): Promise<ErrorDetails<Code>> {
  const error: unknown = await work.then(
    () => assert.fail(`${code} was to come`),
    (thrown: unknown) => thrown,
  );
  assert.ok(RbeeError.is(error, code), String(error));
  return error.details;
}

/** What the installed hive says, asked without SSH. */
export async function versionThere({ inPath }: Place): Promise<string> {
  const run = await runProgram({
    command: [inPath("bin/rbee-hive"), "--version"],
    environment: { PATH: process.env["PATH"] ?? "" },
    directory: "/",
  });
  await run.ended;
  return run.stdout().trim();
}
