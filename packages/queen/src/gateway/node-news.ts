import type { DevicesOnWire } from "@rbee/contract";
import type { NodeRegistry } from "../node-ports.ts";

interface NodeNewsOptions {
  readonly name: string;
  readonly registry: Pick<NodeRegistry, "find" | "update">;
}

/** What the registry is told of a node; nothing twice, since it is written to the disk. */
export function createNodeNews({ name, registry }: NodeNewsOptions) {
  const update = (change: Parameters<NodeRegistry["update"]>[1]) => {
    // Removed meanwhile: nobody wants to know any more.
    if (registry.find(name) !== undefined) registry.update(name, change);
  };
  const reached = () => ({
    lastConnectedUnix: Math.floor(Date.now() / 1000),
    status: "reachable" as const,
    lastError: undefined,
  });
  return {
    connected: () => update(reached()),
    heard(devices: DevicesOnWire): void {
      update({ ...reached(), backends: devices.backends, devices: { ...devices } });
    },
    lost(reason: string, isThere: boolean): void {
      const known = registry.find(name);
      const status = isThere ? "reachable" : "unreachable";
      const lastError = isThere ? undefined : reason;
      if (known === undefined || (known.status === status && known.lastError === lastError)) return;
      update({ status, lastError });
    },
  };
}
