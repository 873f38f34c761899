import type { HttpWorld, QueenHandler } from "./http-world.ts";

const message = "queen-rbee stops, and every hive that it started";

/** Acknowledges, then the cascade begins. */
export function stopQueen({ requestStop }: HttpWorld): QueenHandler<"shutdown"> {
  return () => {
    setImmediate(requestStop);
    return { success: true, message };
  };
}

/** The same with its story: to whoever asked, and to whoever asks while it goes. */
export function followStop({ requestStop, stopStory }: HttpWorld): QueenHandler<"followShutdown"> {
  return (call) =>
    call.stream(async (writer) => {
      const over = stopStory.follow((event) => void writer.send(event));
      setImmediate(requestStop);
      await over;
      await writer.send({ type: "done", done: true, message: "queen-rbee has stopped" });
    });
}
