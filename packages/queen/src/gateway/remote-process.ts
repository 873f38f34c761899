import type { Ssh, SshTarget } from "../node-ports.ts";

interface RemoteProcessOptions {
  readonly ssh: Pick<Ssh, "run">;
  readonly target: () => SshTarget;
  readonly timeoutMs: number;
}

// A process id is given to somebody else once its owner is gone, so what it is now is asked first:
// every hive bears its name as its title. 3 is "there is no such process, or it is no hive".
const notThere = 3;
const checkedSignal = `
pid=$1
case $pid in ''|*[!0-9]*) exit 2;; esac
if [ -d /proc/self ]; then
  title=$(tr '\\000' ' ' 2>/dev/null < "/proc/$pid/cmdline") || exit ${notThere}
else
  title=$(ps -o command= -p "$pid") || exit ${notThere}
fi
case $title in rbee-hive*) ;; *) exit ${notThere};; esac
kill -"$2" "$pid"
`;
const readPid = `cat "\${RBEE_HOME:-$HOME/.rbee}/run/hive.pid" 2>/dev/null`;

export type RemoteProcesses = ReturnType<typeof createRemoteProcesses>;

/** The hive's process as the node's own shell sees it: for a hive that answers no more. */
export function createRemoteProcesses({ ssh, target, timeoutMs }: RemoteProcessOptions) {
  const run = async (words: readonly string[], signal: AbortSignal) =>
    await ssh.run(target(), ["sh", "-c", ...words], { signal, timeoutMs });
  /** False when that process is gone or is no hive. */
  const send = async (pid: number, name: string, signal: AbortSignal) => {
    const { exitCode } = await run([checkedSignal, "sh", String(pid), name], signal);
    return exitCode === 0;
  };
  return {
    send,
    async findPid(signal: AbortSignal): Promise<number | undefined> {
      const { stdout } = await run([readPid], signal);
      const pid = Number(stdout.trim());
      if (!Number.isInteger(pid) || pid <= 0) return undefined;
      return (await send(pid, "0", signal)) ? pid : undefined;
    },
  };
}
