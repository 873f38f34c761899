import type { HiveHandler, HttpWorld } from "./http-world.ts";

export function readLogs({ logs, identity }: HttpWorld): HiveHandler<"logs"> {
  return async ({ query, signal, stream }) => {
    const { worker, lines, follow } = query;
    const entries = await logs.open({ worker, lines, follow }, signal);
    return stream(async ({ send }) => {
      let count = 0;
      for await (const { source, line } of entries) {
        count += 1;
        await send({ type: "log", source, node: identity.node, line });
      }
      await send({ type: "done", done: true, lines: count });
    });
  };
}
