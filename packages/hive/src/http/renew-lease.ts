import type { HiveHandler, HttpWorld } from "./http-world.ts";
import { requireOwnQueen } from "./require-own-queen.ts";

export function renewLease({ lease, identity }: HttpWorld): HiveHandler<"renewLease"> {
  return ({ body }) => {
    requireOwnQueen({ lease, identity }, body.queen);
    lease.renew();
    return { success: true, message: `rbee-hive on ${identity.node} goes on` };
  };
}
