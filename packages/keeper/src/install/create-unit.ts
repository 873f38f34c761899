import { launchdUnit } from "./launchd-unit.ts";
import { systemdUnit } from "./systemd-unit.ts";
import type { ServiceUnit, UnitInput } from "./unit-input.ts";

/** The queen as a service: she starts the hive of this machine when it is needed. */
export function createUnit(input: UnitInput): ServiceUnit {
  return input.platform === "darwin" ? launchdUnit(input) : systemdUnit(input);
}
