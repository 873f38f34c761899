import type { HttpWorld, QueenHandler } from "./http-world.ts";

export function watchState(world: HttpWorld): QueenHandler<"events"> {
  return (call) =>
    call.stream(async ({ send, signal }) => {
      for await (const event of world.watchState(signal)) await send(event);
    });
}
