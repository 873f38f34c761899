import type { HttpWorld, QueenHandler } from "./http-world.ts";

const lastKeyAdvice =
  "It was the last; queen-rbee goes on asking for a key. A new one, on her machine: " +
  "rbee-keeper keys create --name <name>";

export function revokeKey({ keys }: HttpWorld): QueenHandler<"revokeKey"> {
  return ({ params }) => {
    const { name } = keys.revoke(params["id"] ?? "");
    const message = `The key '${name}' is refused from now on.`;
    const wasLast = keys.list().length === 0;
    return { success: true, message: wasLast ? `${message} ${lastKeyAdvice}` : message };
  };
}
