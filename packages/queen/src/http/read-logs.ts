import { RbeeError } from "@rbee/contract";
import type { LogEvent } from "@rbee/contract";
import type { Call } from "@rbee/daemon";
import type { queenRoutes } from "@rbee/contract";
import type { NodeAccess } from "../ports.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { hopOf } from "./request-story.ts";

type LogCall = Call<(typeof queenRoutes)["logs"]>;

/** The queen's own log, or that of a node; a worker's log is on the node where it runs or ran. */
export function readLogs(world: HttpWorld): QueenHandler<"logs"> {
  return async (call) => {
    const events = await openLogs(world, call);
    return call.stream(async ({ send }) => {
      for await (const event of events) await send(event);
      // Who follows a log is told why it ends: a key that was revoked.
      call.signal.throwIfAborted();
    });
  };
}

async function openLogs(world: HttpWorld, call: LogCall): Promise<AsyncIterable<LogEvent>> {
  const { nodes, view, logs } = world;
  const { node, worker } = call.query;
  if (node === undefined && worker === undefined) return logs.read(call.query, call.signal);
  const home = worker === undefined ? undefined : view.findWorker(worker)?.node;
  return await openNodeLogs(world, call, nodes.require(node ?? home));
}

// A hive that does not run is not started for its log; without it the node is read directly.
async function openNodeLogs(
  { hives }: HttpWorld,
  call: LogCall,
  node: NodeAccess,
): Promise<AsyncIterable<LogEvent>> {
  const { query, signal } = call;
  if ((await hives.findHealth(node)) === undefined)
    return await primed(node.readLogs(query, signal));
  const { worker, lines, follow } = query;
  const asked = { worker, lines, follow: follow ? "true" : "false" } as const;
  try {
    return await hives.client(node, hopOf(call)).stream("logs", { query: asked });
  } catch (error) {
    if (!RbeeError.is(error, "NODE_UNREACHABLE")) throw error;
    return await primed(node.readLogs(query, signal));
  }
}

// The first event is fetched before the stream begins, so that an unknown worker is a plain 404.
async function primed(events: AsyncIterable<LogEvent>): Promise<AsyncIterable<LogEvent>> {
  const iterator = events[Symbol.asyncIterator]();
  const first = iterator.next();
  await Promise.race([first, new Promise((resolve) => setImmediate(resolve))]);
  return (async function* () {
    for (let next = await first; next.done !== true; next = await iterator.next()) yield next.value;
  })();
}
