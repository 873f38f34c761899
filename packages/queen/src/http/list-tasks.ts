import type { HttpWorld, QueenHandler } from "./http-world.ts";

export function listTasks({ tasks }: HttpWorld): QueenHandler<"listTasks"> {
  return () => ({ tasks: tasks.list() });
}
