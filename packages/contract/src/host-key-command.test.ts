import assert from "node:assert/strict";
import { it } from "node:test";
import { hostKeyCommand } from "./host-key-command.ts";

it("the command for a host key names the file of its own kind", () => {
  const kinds = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", "of-tomorrow"];
  assert.deepEqual(kinds.map(hostKeyCommand), [
    "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    "ssh-keygen -lf /etc/ssh/ssh_host_ecdsa_key.pub",
    "ssh-keygen -lf /etc/ssh/ssh_host_rsa_key.pub",
    "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
  ]);
});
