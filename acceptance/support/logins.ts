import type { RbeeWorld } from "../world.ts";

/** Notes how often somebody has logged in to each host, for the step that counts what came after. */
export async function noteLogins(world: RbeeWorld): Promise<void> {
  for (const host of world.hosts) {
    world.facts.set(`logins to ${host.name}`, await host.countLogins());
  }
}

/** Logins since the last command of the person began. */
export async function countNewLogins(world: RbeeWorld, name: string): Promise<number> {
  return (await world.host(name).countLogins()) - world.fact<number>(`logins to ${name}`);
}
