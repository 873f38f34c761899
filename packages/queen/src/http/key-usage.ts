import type { HttpWorld, QueenHandler } from "./http-world.ts";

const daysUsual = 30;

export function keyUsage({ keys }: HttpWorld): QueenHandler<"keyUsage"> {
  return ({ query }) => ({ usage: [...keys.usage(query.days ?? daysUsual, query.id)] });
}
