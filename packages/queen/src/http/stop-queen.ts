import type { HttpWorld, QueenHandler } from "./http-world.ts";

/** Acknowledges, then the cascade begins. */
export function stopQueen({ requestStop }: HttpWorld): QueenHandler<"shutdown"> {
  return () => {
    setImmediate(requestStop);
    return { success: true, message: "queen-rbee stops, and every hive that it started" };
  };
}
