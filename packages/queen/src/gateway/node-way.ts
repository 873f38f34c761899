import { timings } from "@rbee/contract";
import type { Fetch } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import type { Ssh, SshAddress, SshTarget } from "../node-ports.ts";
import { fetchForwarded } from "./fetch-forwarded.ts";
import { createLoginGate } from "./login-gate.ts";
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
  /** A hive there answered at least once, to this queen or to one before her. */
  readonly hasAnswered: () => boolean;
  readonly resolve: () => Promise<void>;
  readonly fetch: Fetch;
  readonly workerUrl: (url: string, signal: AbortSignal) => Promise<string>;
  readonly reachWorker: (url: string, signal: AbortSignal) => Promise<string>;
  /** A hive was started and listens on this port: the straight way is to be tried anew. */
  readonly noteStart: (port: number) => void;
  /** It listens, but where it could not be reached from here. */
  readonly goThroughSsh: () => void;
}

interface Known {
  /** The target that this was found out for. */
  readonly key: string;
  readonly address: SshAddress;
  port: number | undefined;
  /** The hive's port does not answer from here. */
  isClosed: boolean;
  hasAnswered: boolean;
  /** Ports of workers that do not answer from here. */
  readonly closedPorts: Set<number>;
}

const loopback = "127.0.0.1";

export function createNodeWay(options: NodeWayOptions): NodeWay {
  const state = createWayState(options);
  const { hive, require, current } = state;
  const gate = createLoginGate();
  const forward = async (port: number, signal: AbortSignal) => {
    const open = async () => await options.ssh.forward(options.target(), port, signal);
    return `http://${loopback}:${await gate.pass(open)}`;
  };
  const workerUrl: NodeWay["workerUrl"] = async (url, signal) => {
    const way = await require();
    const port = Number(new URL(url).port);
    if (isForwarded(way) || way.closedPorts.has(port)) return await forward(port, signal);
    return `http://${urlHost(way.address.hostName)}:${port}`;
  };
  return {
    hive,
    isForwarded: () => isForwarded(current()),
    hasAnswered: () => current()?.hasAnswered ?? false,
    async resolve() {
      gate.open();
      await state.find();
    },
    async fetch(input, init = {}) {
      const way = await require();
      const { pathname, search } = new URL(input);
      const path = `${pathname}${search}`;
      const signal = init.signal ?? new AbortController().signal;
      const answer = isForwarded(way)
        ? await fetchForwarded(async () => `${await forward(hive().port, signal)}${path}`, init)
        : await nodeFetch(`${hive().url}${path}`, init);
      state.change({ hasAnswered: true });
      return answer;
    },
    workerUrl,
    async reachWorker(url, signal) {
      const way = await require();
      const port = Number(new URL(url).port);
      // A port that was closed once may have been opened since.
      way.closedPorts.delete(port);
      const reached = await workerUrl(url, signal);
      if (isForwarded(way) || (await isAnswering(reached, signal))) return reached;
      way.closedPorts.add(port);
      return await workerUrl(url, signal);
    },
    noteStart: (port) => state.change({ port, isClosed: false }),
    goThroughSsh: () => state.change({ isClosed: true }),
  };
}

// What is known of the way, found out when first needed, and again when the node was changed.
function createWayState(options: NodeWayOptions) {
  let known: Known | undefined;
  let finding: Promise<Known> | undefined;
  const current = () => (known?.key === keyOf(options) ? known : undefined);
  const find = async () => {
    finding ??= findWay(options, current()).finally(() => (finding = undefined));
    return (known = await finding);
  };
  return {
    current,
    find,
    require: async () => current() ?? (await find()),
    hive() {
      const way = current();
      const host = way?.address.hostName ?? options.target().sshHost;
      const port = way?.port ?? options.hivePort();
      return { host, port, url: `http://${urlHost(host)}:${port}` };
    },
    change(change: Partial<Pick<Known, "port" | "isClosed" | "hasAnswered">>): void {
      const way = current();
      const isNews = Object.entries(change).some(
        ([name, value]) => way?.[name as keyof typeof change] !== value,
      );
      if (way === undefined || !isNews) return;
      Object.assign(way, change);
      const { address, port = options.hivePort(), isClosed, hasAnswered } = way;
      options.memory.write({ host: address.hostName, port, isClosed, hasAnswered });
    },
  };
}

function keyOf({ target }: NodeWayOptions): string {
  return JSON.stringify(target());
}

async function findWay(options: NodeWayOptions, before: Known | undefined): Promise<Known> {
  const key = keyOf(options);
  const address = await options.ssh.resolve(options.target());
  if (before?.address.hostName === address.hostName) return { ...before, address };
  const read = options.memory.read();
  const remembered = read?.host === address.hostName ? read : undefined;
  return {
    key,
    address,
    port: remembered?.port,
    isClosed: remembered?.isClosed ?? false,
    hasAnswered: remembered?.hasAnswered ?? false,
    closedPorts: new Set(),
  };
}

// A host name of this machine is that of one behind a forwarded port: its hive is not here.
function isForwarded(way: Known | undefined): boolean {
  if (way === undefined) return false;
  const { hostName, isBehindJump } = way.address;
  const isHere = hostName === "localhost" || hostName === loopback || hostName === "::1";
  return way.isClosed || isBehindJump || isHere;
}

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

async function isAnswering(url: string, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timings.directTryMs)]);
  try {
    const answer = await nodeFetch(`${url}/health`, { signal: limit });
    await answer.body?.cancel();
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
