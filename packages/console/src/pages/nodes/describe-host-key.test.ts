import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ShownHostKey } from "@rbee/contract";
import { compareCommand, describeHostKey } from "./describe-host-key.ts";

describe("words about a host key", () => {
  it("differ for each way in which it may be known, and warn of one that changed", () => {
    const all = ShownHostKey.shape.known.options.map((known) => ({
      known,
      ...describeHostKey({ known }),
    }));
    assert.equal(new Set(all.map(({ title }) => title)).size, all.length);
    const warnings = all.filter(({ isWarning }) => isWarning).map(({ known }) => known);
    assert.deepEqual(warnings, ["changed"]);
  });

  it("name the file of its own kind on that machine", () => {
    const commands = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"].map((key_type) =>
      compareCommand({ key_type }),
    );
    assert.deepEqual(commands, [
      "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
      "ssh-keygen -lf /etc/ssh/ssh_host_ecdsa_key.pub",
      "ssh-keygen -lf /etc/ssh/ssh_host_rsa_key.pub",
    ]);
  });
});
