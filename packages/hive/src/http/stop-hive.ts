import type { HiveHandler, HttpWorld } from "./http-world.ts";

export function stopHive({ requestStop, identity }: HttpWorld): HiveHandler<"shutdown"> {
  return () => {
    // After this answer is on its way.
    setImmediate(requestStop);
    return { success: true, message: `rbee-hive on ${identity.node} stops` };
  };
}
