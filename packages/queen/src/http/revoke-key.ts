import type { HttpWorld, QueenHandler } from "./http-world.ts";

export function revokeKey({ keys }: HttpWorld): QueenHandler<"revokeKey"> {
  return ({ params }) => {
    const { name } = keys.revoke(params["id"] ?? "");
    return { success: true, message: `The key '${name}' is refused from now on.` };
  };
}
