import { isOwnTask } from "./is-own-task.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";

export function listTasks({ tasks }: HttpWorld): QueenHandler<"listTasks"> {
  return ({ caller }) => ({ tasks: tasks.list((task) => isOwnTask(caller, task)) });
}
