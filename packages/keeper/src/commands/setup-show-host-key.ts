import { HostKeyRequest } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { nodeWishFlags, parseFields } from "../node-wish.ts";
import { printResult } from "../output/print.ts";
import { renderHostKey } from "../output/render-host-key.ts";
import { withQueen } from "../queen-session.ts";
import { UsageError } from "../usage-error.ts";

const { sshHost, sshPort, sshUser } = nodeWishFlags;

export const setupShowHostKeyCommand = defineCommand({
  summary: "the SSH host key that a machine shows, before you trust it",
  details:
    "Nobody logs in and nothing is recorded. The exit code is 1 when another key than this one is " +
    "recorded for the machine.",
  examples: [
    "rbee-keeper setup show-host-key --ssh-host mac.home.example",
    "rbee-keeper setup show-host-key --ssh-host 192.168.0.7 --ssh-port 2222 --json",
  ],
  arguments: {},
  flags: { sshHost, sshPort, sshUser },
  run: async ({ keeper, flags }) => {
    if (flags.sshHost === undefined) throw new UsageError("--ssh-host <host> is missing");
    const body = parseFields(HostKeyRequest, {
      ssh_host: flags.sshHost,
      ssh_port: flags.sshPort,
      ssh_user: flags.sshUser,
    });
    const shown = await withQueen(keeper, (queen) => queen.call("showHostKey", { body }));
    await printResult(keeper, shown, () => renderHostKey(body, shown));
    return shown.known === "changed" ? 1 : undefined;
  },
});
