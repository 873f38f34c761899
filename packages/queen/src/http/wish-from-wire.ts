import type { UpdateNodeRequest } from "@rbee/contract";
import type { NodeWish } from "../flow/create-node-registrar.ts";

export function wishFromWire(body: UpdateNodeRequest): NodeWish {
  return {
    name: body.node_name,
    sshHost: body.ssh_host,
    sshPort: body.ssh_port,
    sshUser: body.ssh_user,
    sshKeyPath: body.ssh_key_path,
    gitRepoUrl: body.git_repo_url,
    gitBranch: body.git_branch,
    installPath: body.install_path,
    backends: body.backends,
    devices: body.devices,
    acceptHostKey: body.accept_host_key ?? false,
    hostKey: body.host_key,
  };
}
