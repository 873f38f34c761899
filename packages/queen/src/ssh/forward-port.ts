import { createServer } from "node:net";
import { RbeeError, timings } from "@rbee/contract";
import type { SshTarget } from "../node-ports.ts";
import { controlWords } from "./build-ssh-words.ts";
import type { SshConnection } from "./open-connection.ts";
import { askSsh } from "./run-ssh.ts";

interface Wanted {
  readonly target: SshTarget;
  readonly remotePort: number;
}

/** The forwarded ports of one node. They keep their numbers over connections. */
export interface Forwards {
  /** Throws NODE_UNREACHABLE. */
  readonly open: (connection: SshConnection, wanted: Wanted) => Promise<number>;
  /** Forwards again what an earlier connection did. */
  readonly reopen: (connection: SshConnection, target: SshTarget) => Promise<void>;
}

const loopback = "127.0.0.1";

export function createForwards(): Forwards {
  const ports = new Map<number, Promise<number>>();
  let current: SshConnection | undefined;

  const request = async (connection: SshConnection, { target, remotePort }: Wanted) => {
    let said = "";
    // Between looking for a free port and taking it somebody else may come.
    for (const _attempt of timings.connectDelaysMs) {
      const port = await findFreePort();
      const answer = await ask(connection, target, [port, remotePort]);
      if (answer.exitCode === 0) return port;
      said = answer.stderr.trim();
    }
    const reason = `Port ${remotePort} there cannot be reached over SSH: ${said}`;
    throw new RbeeError("NODE_UNREACHABLE", { node: target.name, reason });
  };
  return {
    async open(connection, wanted) {
      current ??= connection;
      const { remotePort } = wanted;
      const known = ports.get(remotePort);
      if (known !== undefined) return await known;
      const opening = request(connection, wanted);
      ports.set(remotePort, opening);
      opening.catch(() => ports.delete(remotePort));
      return await opening;
    },
    async reopen(connection, target) {
      if (connection === current) return;
      current = connection;
      await Promise.all(
        [...ports].map(async ([remotePort, opening]) => {
          const port = await opening.catch(() => undefined);
          if (port === undefined) return;
          const answer = await ask(connection, target, [port, remotePort]);
          if (answer.exitCode !== 0) ports.delete(remotePort);
        }),
      );
    },
  };
}

function ask(
  { socket }: SshConnection,
  { sshHost }: SshTarget,
  [port, remotePort]: readonly [number, number],
) {
  const route = `${loopback}:${port}:${loopback}:${remotePort}`;
  const words = [...controlWords(socket, "forward"), "-L", route, "--", sshHost];
  return askSsh(words, { timeoutMs: timings.connectTimeoutMs });
}

function findFreePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once("error", reject);
    probe.listen(0, loopback, () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
