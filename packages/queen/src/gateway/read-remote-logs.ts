import { createInterface } from "node:readline";
import { RbeeError } from "@rbee/contract";
import type { LogEvent } from "@rbee/contract";
import type { Ssh, SshTarget } from "../node-ports.ts";
import type { LogRequest } from "../ports.ts";

interface RemoteLogs {
  readonly ssh: Pick<Ssh, "start">;
  readonly target: SshTarget;
  readonly query: LogRequest;
  readonly signal: AbortSignal;
}

const noSuchLog = 44;
const enterLogs = `
cd "\${RBEE_HOME:-$HOME/.rbee}/logs" 2>/dev/null || exit ${noSuchLog}
[ -e "$1" ] || exit ${noSuchLog}
`;
const readOnce = `${enterLogs}
{ [ -e "$1.1" ] && cat "$1.1"; cat "$1"; } | tail -n "$2"
`;
// Its input is a pipe from here: when that ends, however it does, so does the following.
const readOn = `${enterLogs}
tail -n "$2" -F "$1" 2>/dev/null &
follower=$!
cat >/dev/null
kill "$follower"
`;

/** The logs of a node read by its own shell: for when no hive answers there. */
export async function* readRemoteLogs(logs: RemoteLogs): AsyncGenerator<LogEvent, void, void> {
  const { ssh, target, query, signal } = logs;
  const { worker, lines, follow } = query;
  const source = worker === undefined ? "hive.log" : `worker-${worker}.log`;
  const script = follow ? readOn : readOnce;
  const words = ["sh", "-c", script, "sh", source, String(lines)];
  const process = await ssh.start(target, words, { signal });
  let count = 0;
  try {
    process.stderr.resume();
    for await (const line of createInterface({ input: process.stdout })) {
      count += 1;
      yield { type: "log", source, node: target.name, line };
    }
    const { exitCode } = await process.ended;
    if (exitCode === noSuchLog && worker !== undefined) {
      throw new RbeeError("WORKER_NOT_FOUND", { worker_id: worker });
    }
    if (!follow || exitCode === noSuchLog) yield { type: "done", done: true, lines: count };
  } finally {
    process.stdin.destroy();
    process.kill();
  }
}
