import { devicesToWire } from "./devices-to-wire.ts";
import type { HiveHandler, HttpWorld } from "./http-world.ts";

export function getDevices({ devices }: HttpWorld): HiveHandler<"devices"> {
  return async ({ signal }) => devicesToWire(await devices.detect(signal));
}
