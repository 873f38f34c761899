import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { ErrorDetails } from "@rbee/contract";
import { isAlive, sshHostObstacle } from "@rbee/testkit";
import { failureOf, openPlace, versionThere } from "./installer-fixture.ts";
import type { Place } from "./installer-fixture.ts";
import { incompressible, writePayload } from "./payload-fixture.ts";

const skip = sshHostObstacle() ?? false;
const skipUnlessRoot = skip || (process.getuid?.() === 0 ? false : "only root can mount");
const scratch = mkdtempSync(join(tmpdir(), "rbee-limits-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

let folders = 0;
const makePayload = (version: string, extra: Readonly<Record<string, string | Buffer>> = {}) =>
  writePayload({ folder: join(scratch, `payload-${folders++}`), version, extra });

interface Mount extends Disposable {
  readonly folder: string;
}

function mountDisk(folder: string, options: string): Mount {
  mkdirSync(folder, { recursive: true });
  const words = ["-t", "tmpfs", "-o", options, "tmpfs", folder];
  assert.equal(spawnSync("mount", words).status, 0, "mount");
  return {
    folder,
    [Symbol.dispose]: () => assert.equal(spawnSync("umount", ["-l", folder]).status, 0, "umount"),
  };
}

describe("an installation on a full or closed disk", { skip: skipUnlessRoot }, () => {
  it("is refused before anything is sent", async () => {
    await using place = await openPlace();
    using _disk = mountDisk(place.node.installPath, "size=24m");
    const payload = makePayload("1.0.0", { "lib/big.bin": incompressible(12) });
    const details = await failureOf(place.install(payload), "INSUFFICIENT_DISK");
    assert.equal(details.node, "mac");
    assert.equal(details.required, 29);
    assert.ok(details.available >= 20 && details.available <= 24, `${details.available}`);
    assert.deepEqual(place.progress, []);
    // With a Node there the node itself counts what is missing.
    await place.install(makePayload("1.0.0"));
    place.progress.length = 0;
    await failureOf(place.install(payload), "INSUFFICIENT_DISK");
    assert.deepEqual(place.progress, []);
    assert.equal(await versionThere(place), "1.0.0");
  });

  it("says which folder cannot be written to", async () => {
    await using place = await openPlace({ installPath: "~/closed/rbee" });
    using disk = mountDisk(join(place.host.home, "closed"), "ro");
    const details = await failureOf(place.install(makePayload("1.0.0")), "INSTALL_FAILED");
    assert.ok(details.reason.includes(disk.folder), details.reason);
    assert.deepEqual(place.progress, []);
  });
});

/** A machine that names itself so, and whose PATH holds nothing else. */
async function openStrange(programs: Readonly<Record<string, string>>): Promise<Place> {
  const folder = mkdtempSync(join(scratch, "bin-"));
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return await openPlace({ environment: { PATH: `${folder}:/usr/bin:/bin` } });
}

describe("an installation", { skip }, () => {
  it("is refused on a system that rbee does not know, and nothing is left there", async () => {
    const uname = "case $1 in -s) echo FreeBSD ;; *) echo riscv64 ;; esac";
    await using place = await openStrange({ uname });
    const details = await failureOf(place.install(makePayload("1.0.0")), "PLATFORM_UNSUPPORTED");
    assert.equal(details.platform, "FreeBSD on riscv64");
    assert.ok(details.supported.includes("darwin-arm64"));
    assert.ok(!existsSync(place.node.installPath));
  });

  it("needs nothing but a shell and the basic programs on the machine", async () => {
    const folder = mkdtempSync(join(scratch, "basic-"));
    const words =
      "sh uname mkdir cat mv rm ln readlink dirname df tail head wc chmod sleep rmdir ls find";
    for (const name of words.split(" ")) symlinkSync(`/usr/bin/${name}`, join(folder, name));
    await using place = await openPlace({ environment: { PATH: folder } });
    await place.install(makePayload("1.0.0", { "lib/big.bin": incompressible(1) }));
    assert.equal(await versionThere(place), "1.0.0");
    await place.uninstall();
    assert.ok(!existsSync(place.node.installPath));
  });

  it("of another queen at the same time is refused, and says who holds the lock", async () => {
    await using place = await openPlace();
    const payload = makePayload("1.0.0", { "lib/big.bin": incompressible(16) });
    let other: Promise<ErrorDetails<"INSTALL_RUNNING">> | undefined;
    const stranger = () => place.install(payload, { instanceId: "queen-2" });
    await place.install(payload, {
      onProgress: () => {
        other ??= failureOf(stranger(), "INSTALL_RUNNING");
      },
    });
    const { pid, lock } = (await other) ?? assert.fail("the other one did not begin");
    assert.ok(pid !== null && pid > 1);
    assert.equal(lock, place.inPath(".rbee-lock"));
    await stranger();
    assert.equal(await versionThere(place), "1.0.0");
  });

  it("that this queen runs already is not begun twice", async () => {
    await using place = await openPlace();
    const payload = makePayload("1.0.0");
    const first = place.install(payload);
    const { pid } = await failureOf(place.install(payload), "INSTALL_RUNNING");
    assert.equal(pid, null);
    await first;
  });

  it("breaks the lock of a process that is gone", async () => {
    await using place = await openPlace();
    mkdirSync(place.node.installPath);
    const dead = spawnSync("true").pid;
    symlinkSync(`${dead}:12345:queen-2:abc`, place.inPath(".rbee-lock"));
    await place.install(makePayload("1.0.0"));
    // The number may have been given to another process since: that one holds nothing.
    symlinkSync(`${process.pid}:12345:queen-2:abc`, place.inPath(".rbee-lock"));
    await place.install(makePayload("1.0.1"));
    assert.equal(await versionThere(place), "1.0.1");
    assert.deepEqual(readdirSync(place.node.installPath).sort(), ["bin", "current", "versions"]);
  });

  it("takes the lock from an installation of the same queen that lost its connection", async () => {
    await using place = await openPlace();
    const holder = spawn("sleep", ["60"], { stdio: "ignore" });
    try {
      mkdirSync(place.node.installPath);
      const began = spawnSync("sh", ["-c", `cut -d' ' -f22 /proc/${holder.pid}/stat`], {
        encoding: "utf8",
      }).stdout.trim();
      symlinkSync(`${holder.pid}:${began}:queen-2:abc`, place.inPath(".rbee-lock"));
      await failureOf(place.install(makePayload("1.0.0")), "INSTALL_RUNNING");
      await place.install(makePayload("1.0.0"), { instanceId: "queen-2" });
      assert.equal(await versionThere(place), "1.0.0");
    } finally {
      holder.kill("SIGKILL");
    }
  });
});

describe("taking rbee away from a node", { skip }, () => {
  it("leaves models and what is not ours, and says where they are", async () => {
    await using place = await openPlace();
    await place.install(makePayload("1.0.0", { "lib/deep/down/file.txt": "bee" }));
    await place.install(makePayload("1.1.0"));
    const models = join(place.host.home, ".local/share/rbee/models");
    mkdirSync(models, { recursive: true });
    writeFileSync(join(models, "small.gguf"), "GGUF");
    writeFileSync(place.inPath("notes.txt"), "mine");
    writeFileSync(place.inPath("bin/mine"), "mine");
    assert.deepEqual(await place.uninstall(), { modelsPath: models });
    assert.deepEqual(readdirSync(place.node.installPath).sort(), ["bin", "notes.txt"]);
    assert.deepEqual(readdirSync(place.inPath("bin")), ["mine"]);
    assert.deepEqual(readdirSync(models), ["small.gguf"]);
    assert.ok(!existsSync(join(place.host.home, ".rbee")));
    assert.match(place.told.at(-1) ?? "", /left there, not this node's: .*\/rbee\/bin, /);
  });

  it("leaves the state of a person who works from that machine", async () => {
    await using place = await openPlace();
    await place.install(makePayload("1.0.0"));
    const registry = join(place.host.home, ".rbee/beehives.db");
    writeFileSync(registry, "theirs");
    await place.uninstall();
    assert.ok(existsSync(registry));
    assert.ok(existsSync(join(place.host.home, ".rbee/keys/hive.key")));
    assert.ok(!existsSync(place.node.installPath));
  });

  it("removes nothing but its own where its state is in a folder of the person's choice", async () => {
    const home = mkdtempSync(join(scratch, "chosen-"));
    mkdirSync(join(home, "keys"));
    writeFileSync(join(home, "keys/door.key"), "mine");
    await using place = await openPlace({ environment: { RBEE_HOME: home } });
    await place.install(makePayload("1.0.0"));
    assert.deepEqual(readdirSync(join(home, "keys")).sort(), ["door.key", "hive.key"]);
    await place.uninstall();
    assert.deepEqual(readdirSync(home), ["keys"]);
    assert.deepEqual(readdirSync(join(home, "keys")), ["door.key"]);
  });

  it("leaves nothing where there is no model, and is content where nothing was", async () => {
    await using place = await openPlace();
    await place.install(makePayload("1.0.0"));
    assert.deepEqual(await place.uninstall(), { modelsPath: undefined });
    assert.ok(!existsSync(place.node.installPath));
    assert.deepEqual(await place.uninstall(), { modelsPath: undefined });
  });

  it("removes what an installation left half sent", async () => {
    await using place = await openPlace();
    const stop = new AbortController();
    const cut = place.install(makePayload("1.0.0", { "lib/big.bin": incompressible(16) }), {
      signal: stop.signal,
      onProgress: () => stop.abort(new RbeeError("REQUEST_CANCELED", {})),
    });
    await failureOf(cut, "REQUEST_CANCELED");
    await place.uninstall();
    assert.ok(!existsSync(place.node.installPath));
  });

  it("waits for what still runs from there, and refuses when it goes on", async () => {
    await using place = await openPlace();
    await place.install(makePayload("1.0.0"));
    // A program of its own, so that the process is known by its file.
    const program = place.inPath("current/runtime/bin/sleep");
    spawnSync("cp", ["/bin/sleep", program]);
    chmodSync(program, 0o755);
    const running = spawn(program, ["60"], { stdio: "ignore" });
    try {
      const details = await failureOf(place.uninstall(), "INSTALL_FAILED");
      assert.ok(details.reason.includes(String(running.pid)), details.reason);
      assert.ok(isAlive(running.pid ?? 0));
      assert.equal(await versionThere(place), "1.0.0");
    } finally {
      running.kill("SIGKILL");
    }
  });
});
