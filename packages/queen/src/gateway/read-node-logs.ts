import { existsSync } from "node:fs";
import { join } from "node:path";
import { localNodeName, RbeeError } from "@rbee/contract";
import type { LogEvent } from "@rbee/contract";
import type { LogRequest } from "../ports.ts";
import { tailLog } from "./tail-log.ts";

interface NodeLogs {
  readonly directory: string;
  readonly query: LogRequest;
  readonly signal: AbortSignal;
}

/** The logs of this machine's hive and workers, read from their files: for when no hive answers. */
export async function* readNodeLogs(logs: NodeLogs): AsyncGenerator<LogEvent, void, void> {
  const { directory, query, signal } = logs;
  const { worker, lines, follow } = query;
  const file = join(directory, worker === undefined ? "hive.log" : `worker-${worker}.log`);
  if (worker !== undefined && !existsSync(file)) {
    throw new RbeeError("WORKER_NOT_FOUND", { worker_id: worker });
  }
  for await (const event of tailLog({ file, lines, follow, signal })) {
    yield event.type === "log" ? { ...event, node: localNodeName } : event;
  }
}
