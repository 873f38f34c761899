import { timings } from "@rbee/contract";
import { TransportError, transportErrorFrom } from "@rbee/sdk";
import type { Fetch, FetchedResponse, FetchInit } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import type { Ssh, SshAddress, SshTarget } from "../node-ports.ts";
import { delay } from "./look-for-hive.ts";
import type { WayMemory } from "./way-memory.ts";

export interface NodeWayOptions {
  readonly ssh: Pick<Ssh, "resolve" | "forward">;
  /** The node as it is registered now. */
  readonly target: () => SshTarget;
  /** Where a hive listens when nobody said otherwise. */
  readonly hivePort: () => number;
  readonly memory: WayMemory;
}

/** How HTTP gets to one node: straight to its host name, or through its SSH connection. */
export interface NodeWay {
  readonly hive: () => { readonly host: string; readonly port: number; readonly url: string };
  readonly isForwarded: () => boolean;
  readonly resolve: () => Promise<void>;
  readonly fetch: Fetch;
  readonly workerUrl: (url: string, signal: AbortSignal) => Promise<string>;
  readonly reachWorker: (url: string, signal: AbortSignal) => Promise<string>;
  /** Where the hive said that it listens. */
  readonly learnPort: (port: number) => void;
  /** The hive listens, but not where it could be reached from here. */
  readonly goThroughSsh: () => void;
}

interface Known {
  /** The target that this was found out for. */
  readonly key: string;
  readonly address: SshAddress;
  port: number | undefined;
  isForwarded: boolean;
  /** Ports of workers that do not answer from here. */
  readonly closedPorts: Set<number>;
}

const loopback = "127.0.0.1";

export function createNodeWay(options: NodeWayOptions): NodeWay {
  let known: Known | undefined;
  let finding: Promise<Known> | undefined;
  const gate = createLoginGate();

  const current = () => (known?.key === keyOf(options) ? known : undefined);
  const find = async () => {
    finding ??= findWay(options, current()).finally(() => (finding = undefined));
    return (known = await finding);
  };
  const require = async () => current() ?? (await find());
  const remember = ({ address, port, isForwarded }: Known) => {
    const kept = { host: address.hostName, port: port ?? options.hivePort(), isForwarded };
    options.memory.write(kept);
  };
  const hive = () => {
    const way = current();
    const host = way?.address.hostName ?? options.target().sshHost;
    const port = way?.port ?? options.hivePort();
    return { host, port, url: `http://${urlHost(host)}:${port}` };
  };
  const forward = async (port: number, signal: AbortSignal) =>
    await gate.pass(async () => await options.ssh.forward(options.target(), port, signal));

  const workerUrl: NodeWay["workerUrl"] = async (url, signal) => {
    const way = await require();
    const port = Number(new URL(url).port);
    const isForwarded = way.isForwarded || way.closedPorts.has(port);
    if (isForwarded) return `http://${loopback}:${await forward(port, signal)}`;
    return `http://${urlHost(way.address.hostName)}:${port}`;
  };

  return {
    hive,
    isForwarded: () => current()?.isForwarded ?? false,
    async resolve() {
      gate.open();
      await find();
    },
    async fetch(input, init = {}) {
      const way = await require();
      const { pathname, search } = new URL(input);
      const path = `${pathname}${search}`;
      if (!way.isForwarded) return await nodeFetch(`${hive().url}${path}`, init);
      const signal = init.signal ?? new AbortController().signal;
      const open = async () => `http://${loopback}:${await forward(hive().port, signal)}${path}`;
      return await fetchForwarded(open, init);
    },
    workerUrl,
    async reachWorker(url, signal) {
      const way = await require();
      const port = Number(new URL(url).port);
      // A port that was closed once may have been opened since.
      way.closedPorts.delete(port);
      const reached = await workerUrl(url, signal);
      if (way.isForwarded || (await isAnswering(reached, signal))) return reached;
      way.closedPorts.add(port);
      return await workerUrl(url, signal);
    },
    learnPort(port) {
      const way = current();
      if (way === undefined) return;
      way.port = port;
      remember(way);
    },
    goThroughSsh() {
      const way = current();
      if (way === undefined) return;
      way.isForwarded = true;
      remember(way);
    },
  };
}

function keyOf({ target }: NodeWayOptions): string {
  return JSON.stringify(target());
}

async function findWay(options: NodeWayOptions, before: Known | undefined): Promise<Known> {
  const key = keyOf(options);
  const address = await options.ssh.resolve(options.target());
  const isSame = before?.address.hostName === address.hostName;
  const read = isSame ? undefined : options.memory.read();
  const remembered = read?.host === address.hostName ? read : undefined;
  const mustForward = address.isBehindJump || isThisMachine(address.hostName);
  return {
    key,
    address,
    port: isSame ? before.port : remembered?.port,
    isForwarded: mustForward || ((isSame ? before : remembered)?.isForwarded ?? false),
    closedPorts: isSame ? before.closedPorts : new Set(),
  };
}

// A machine that is reached by a forwarded port of this one: its hive is not on our loopback.
function isThisMachine(hostName: string): boolean {
  return hostName === "localhost" || hostName === loopback || hostName === "::1";
}

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

async function isAnswering(url: string, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timings.directTryMs)]);
  try {
    await nodeFetch(`${url}/health`, { signal: limit });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/**
 * Whatever the connection does tells about two things at once. A refused port of ours is an SSH
 * connection that has just ended: another one is asked for. A connection that is taken and broken
 * is one that nobody there wanted: nothing listens.
 */
async function fetchForwarded(
  open: () => Promise<string>,
  init: FetchInit,
): Promise<FetchedResponse> {
  const url = await open();
  try {
    return await nodeFetch(url, init);
  } catch (error) {
    init.signal?.throwIfAborted();
    const failure = transportErrorFrom(error);
    if (failure.failure === "reset") throw nothingListens(failure);
    if (failure.failure !== "refused") throw failure;
  }
  await delay(timings.sshLossNoticeMs, init.signal ?? new AbortController().signal);
  try {
    return await nodeFetch(await open(), init);
  } catch (error) {
    init.signal?.throwIfAborted();
    const failure = transportErrorFrom(error);
    throw failure.failure === "reset" ? nothingListens(failure) : failure;
  }
}

function nothingListens(cause: unknown): TransportError {
  return new TransportError("refused", "connection refused there, through SSH", { cause });
}

/**
 * Who listens to a node tries again and again; each login that fails makes the next one wait longer,
 * until a person wants something of the node.
 */
function createLoginGate() {
  let closedUntilMs = 0;
  let waitMs = 0;
  let last: unknown;
  return {
    open() {
      closedUntilMs = 0;
      waitMs = 0;
    },
    async pass<Value>(login: () => Promise<Value>): Promise<Value> {
      if (performance.now() < closedUntilMs) throw last;
      try {
        const value = await login();
        waitMs = 0;
        return value;
      } catch (error) {
        last = error;
        waitMs = Math.min(Math.max(waitMs * 2, timings.hiveLinkDelayMaxMs), timings.sshRetryMaxMs);
        closedUntilMs = performance.now() + waitMs;
        throw error;
      }
    },
  };
}
