import type { HttpWorld, QueenHandler } from "../http-world.ts";
import { describeModels } from "./describe-models.ts";

/** What can be asked for, without asking any hive: they tell when they have something new. */
export function listOpenAiModels(world: HttpWorld): QueenHandler<"listOpenAiModels"> {
  return ({ caller }) => ({ object: "list", data: describeModels(world, caller.models) });
}
