import { RbeeError } from "@rbee/contract";
import type { SshTarget } from "../node-ports.ts";
import type { Story } from "../ports.ts";
import type { SshPlaces } from "./build-ssh-words.ts";
import { connectToNode, forgetHostKey } from "./connect-to-node.ts";
import { createSocketFolder } from "./create-socket-folder.ts";
import { createForwards } from "./forward-port.ts";
import type { Forwards } from "./forward-port.ts";
import type { SshConnection } from "./open-connection.ts";

export interface SshOptions extends SshPlaces {
  /** Where control sockets go, in a folder of this process. */
  readonly socketFolder: string;
}

/** What is kept for one node. */
export interface Line {
  readonly forwards: Forwards;
  /** Of the target; a line to another place is another line. */
  readonly key: string;
  connection: SshConnection | undefined;
  opening: Opening | undefined;
}

interface Opening {
  readonly done: Promise<SshConnection>;
  readonly listeners: Set<Story>;
}

export interface OpenOptions {
  readonly story: Story;
  readonly signal: AbortSignal;
  readonly acceptHostKey?: "new" | "changed" | undefined;
}

export type Lines = ReturnType<typeof createLines>;

/** One connection per node, opened when it is needed and shared by all who need it. */
export function createLines(options: SshOptions) {
  const lines = new Map<string, Line>();
  const sockets = createSocketFolder(options.socketFolder);
  const closing = new AbortController();

  const lineTo = async (target: SshTarget): Promise<Line> => {
    const key = keyOf(target);
    const known = lines.get(target.name);
    if (known?.key === key) return known;
    // The node was changed: what is open leads to where it was.
    const forwards = createForwards();
    const line: Line = { key, forwards, connection: undefined, opening: undefined };
    lines.set(target.name, line);
    if (known !== undefined) await endLine(known);
    return line;
  };
  const begin = (line: Line, target: SshTarget, { signal, acceptHostKey }: OpenOptions) =>
    startOpening(line, (story) =>
      connectToNode({
        ...options,
        target,
        newSocket: sockets.newSocket,
        story,
        acceptHostKey,
        // Others may wait for the same connection, so no one request ends it; a test is one's own.
        signal:
          acceptHostKey === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]),
      }),
    );
  return {
    async open(target: SshTarget, openOptions: OpenOptions) {
      const { story, signal, acceptHostKey } = openOptions;
      const line = await lineTo(target);
      // Who tests wants to know whether one gets in now.
      if (acceptHostKey !== undefined) await endLine(line);
      if (line.connection?.isOpen() === true) return { line, connection: line.connection };
      line.opening ??= begin(line, target, openOptions);
      const { listeners, done } = line.opening;
      listeners.add(story);
      try {
        const connection = await unlessAborted(done, signal);
        await line.forwards.reopen(connection, target);
        return { line, connection };
      } finally {
        listeners.delete(story);
      }
    },
    async close(name: string): Promise<void> {
      const line = lines.get(name);
      lines.delete(name);
      if (line !== undefined) await endLine(line);
    },
    /** The host key of a machine that nobody wants to know any more. */
    forgetHostKey: (target: SshTarget) => forgetHostKey(target, options),
    async closeAll(): Promise<void> {
      closing.abort(new RbeeError("SHUTTING_DOWN", { program: "queen-rbee" }));
      const ended = [...lines.values()];
      lines.clear();
      await Promise.all(ended.map(endLine));
      sockets.close();
    },
  };
}

function keyOf({ name, sshHost, sshPort, sshUser, sshKeyPath }: SshTarget): string {
  return JSON.stringify([name, sshHost, sshPort, sshUser, sshKeyPath]);
}

function startOpening(line: Line, connect: (story: Story) => Promise<SshConnection>): Opening {
  const listeners = new Set<Story>();
  const done = connect((event) => listeners.forEach((listener) => listener(event)))
    .then((connection) => (line.connection = connection))
    .finally(() => (line.opening = undefined));
  done.catch(() => {});
  return { listeners, done };
}

async function endLine(line: Line): Promise<void> {
  await line.opening?.done.catch(() => {});
  await line.connection?.close();
}

function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
