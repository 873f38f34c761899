import type { SshHost } from "@rbee/testkit";
import type { RegisteredNode } from "./node-ports.ts";

/** A test host as the registry has it. */
export function registeredHost(
  host: SshHost,
  known: Pick<RegisteredNode, "installPath" | "status">,
): RegisteredNode {
  return {
    name: "mac",
    sshHost: host.address,
    sshPort: host.port,
    sshUser: host.user,
    sshKeyPath: host.clientKey,
    gitRepoUrl: undefined,
    gitBranch: "main",
    lastConnectedUnix: undefined,
    lastError: undefined,
    backends: [],
    devices: undefined,
    hostKey: undefined,
    ...known,
  };
}
