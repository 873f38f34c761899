import type { HttpWorld, QueenHandler } from "./http-world.ts";

export function getSettings({ settings }: HttpWorld): QueenHandler<"settings"> {
  return () => settings();
}
