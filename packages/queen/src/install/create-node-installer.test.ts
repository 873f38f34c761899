import assert from "node:assert/strict";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { sshHostObstacle } from "@rbee/testkit";
import { failureOf, openPlace, versionThere } from "./installer-fixture.ts";
import type { Place } from "./installer-fixture.ts";
import { incompressible, writePayload } from "./payload-fixture.ts";

const skip = sshHostObstacle() ?? false;
const scratch = mkdtempSync(join(tmpdir(), "rbee-installer-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

let folders = 0;
const makePayload = (version: string, extra: Readonly<Record<string, string | Buffer>> = {}) =>
  writePayload({ folder: join(scratch, `payload-${folders++}`), version, extra });

/** How much was sent, by the last event of each installation. */
function bytesSent({ progress }: Place): number {
  const last = progress.findLast((event) => event.stage === "sending");
  return last?.bytes_sent ?? 0;
}

const entriesOf = (place: Place, name = "") => readdirSync(place.inPath(name)).sort();

describe("the installer of nodes", { skip }, () => {
  it("puts a version on a bare machine and says what it does", async () => {
    await using place = await openPlace();
    const payload = makePayload("1.2.3", { "lib/big.bin": incompressible(3) });
    assert.deepEqual(await place.install(payload), {
      version: "1.2.3",
      installPath: place.node.installPath,
      isUnchanged: false,
    });
    assert.equal(await versionThere(place), "1.2.3");
    assert.equal(readlinkSync(place.inPath("current")), `versions/${payload.name}`);
    assert.deepEqual(entriesOf(place), ["bin", "current", "versions"]);
    for (const { path, mode, sizeBytes } of payload.files) {
      const status = statSync(place.inPath(`current/${path}`));
      assert.deepEqual([status.mode & 0o777, status.size], [mode, sizeBytes], path);
    }
    const actions = place.told.map((line) => line.split(" ")[0]);
    const expected = "connecting checking mac assembling sending unpacking verifying";
    assert.deepEqual(actions, expected.split(" "));
    const last = place.progress.at(-1);
    assert.ok(last?.stage === "sending");
    assert.equal(last.bytes_sent, last.bytes_total);
    // The two launchers are the same, so one of them is sent.
    const launcher = payload.files.find(({ path }) => path === "bin/rbee-hive");
    assert.equal(last.bytes_total, payload.sizeBytes - (launcher?.sizeBytes ?? 0));
  });

  it("sends nothing when all is there already", async () => {
    await using place = await openPlace();
    const payload = makePayload("1.2.3", { "lib/big.bin": incompressible(1) });
    await place.install(payload);
    place.progress.length = 0;
    place.told.length = 0;
    const again = await place.install(payload);
    assert.equal(again.isUnchanged, true);
    assert.deepEqual(place.progress, []);
    assert.match(place.told.at(-1) ?? "", /was there already/);
  });

  it("sends only what the version before lacks, keeps that one, and removes older ones", async () => {
    await using place = await openPlace();
    const big = incompressible(2);
    const versions = ["1.0.0", "1.1.0", "1.2.0"].map((version) =>
      makePayload(version, { "lib/big.bin": big, "lib/new.txt": `of ${version}` }),
    );
    const [first, second, third] = versions;
    assert.ok(first && second && third);
    await place.install(first);
    mkdirSync(place.inPath("versions/of somebody else"));
    place.progress.length = 0;
    await place.install(second);
    assert.ok(bytesSent(place) < 1000, `${bytesSent(place)} bytes were sent`);
    assert.equal(await versionThere(place), "1.1.0");
    const kept = [first.name, second.name, "of somebody else"];
    assert.deepEqual(entriesOf(place, "versions"), kept);
    assert.ok(place.told.at(-1)?.includes(`${first.name} is kept beside it`));
    await place.install(third);
    assert.deepEqual(entriesOf(place, "versions"), [second.name, third.name, "of somebody else"]);
    // Going back is an installation like any other.
    await place.install(second);
    assert.equal(await versionThere(place), "1.1.0");
  });

  it("goes on where an interrupted installation was", async () => {
    await using place = await openPlace();
    const payload = makePayload("1.2.3", { "lib/big.bin": incompressible(24) });
    const stop = new AbortController();
    const cut = place.install(payload, {
      signal: stop.signal,
      onProgress: (event) => {
        if (event.stage === "sending" && event.bytes_sent > 4_000_000) {
          stop.abort(new RbeeError("REQUEST_CANCELED", {}));
        }
      },
    });
    await failureOf(cut, "REQUEST_CANCELED");
    assert.ok(!existsSync(place.inPath("current")));
    place.progress.length = 0;
    await place.install(payload);
    assert.ok(bytesSent(place) < payload.sizeBytes - 1_000_000, `${bytesSent(place)} were sent`);
    assert.equal(await versionThere(place), "1.2.3");
    assert.ok(readFileSync(place.inPath("current/lib/big.bin")).equals(readLib(payload.root)));
    assert.deepEqual(entriesOf(place), ["bin", "current", "versions"]);
  });

  it("is not harmed by a command of a cut connection that goes on writing there", async () => {
    await using place = await openPlace();
    const payload = makePayload("1.2.3");
    const runtime = payload.files.find(({ path }) => path === "runtime/bin/node");
    assert.ok(runtime !== undefined);
    const staging = place.inPath(".rbee-staging");
    mkdirSync(staging, { recursive: true });
    // Bound to the file, not to its name, and nobody has told it that its connection is gone.
    const writer = openSync(join(staging, `${runtime.sha256}.partial`), "a");
    writeSync(writer, "#!/bin/sh\n");
    await place.install(payload);
    writeSync(writer, "exit 1\n");
    closeSync(writer);
    assert.equal(await versionThere(place), "1.2.3");
  });

  it("says that the machine is gone when it goes in the middle, and resumes", async () => {
    await using place = await openPlace();
    const payload = makePayload("1.2.3", { "lib/big.bin": incompressible(24) });
    let stopping: Promise<void> | undefined;
    const cut = place.install(payload, {
      onProgress: (event) => {
        if (event.stage === "sending" && event.bytes_sent > 4_000_000) {
          stopping ??= place.host.stop();
        }
      },
    });
    const { node } = await failureOf(cut, "NODE_UNREACHABLE");
    assert.equal(node, "mac");
    await stopping;
    await place.host.start();
    await place.install(payload);
    assert.equal(await versionThere(place), "1.2.3");
  });

  it("mends a version in which a file was changed or is gone", async () => {
    await using place = await openPlace();
    const payload = makePayload("1.2.3", { "lib/a.bin": incompressible(1), "lib/b.txt": "bee" });
    await place.install(payload);
    writeFileSync(place.inPath("current/lib/a.bin"), incompressible(1));
    rmSync(place.inPath("current/lib/b.txt"));
    const mended = await place.install(payload);
    assert.equal(mended.isUnchanged, false);
    assert.ok(readFileSync(place.inPath("current/lib/a.bin")).equals(readLib(payload.root, "a")));
    assert.equal(readFileSync(place.inPath("current/lib/b.txt"), "utf8"), "bee");
    assert.deepEqual(entriesOf(place), ["bin", "current", "versions"]);
  });

  it("leaves the version in use as it is when the new one does not run", async () => {
    await using place = await openPlace();
    await place.install(makePayload("1.0.0"));
    const broken = makePayload("2.0.0", {
      "bin/rbee-hive": "#!/bin/sh\necho cannot find libgomp >&2\nexit 127\n",
    });
    const details = await failureOf(place.install(broken), "INSTALL_FAILED");
    assert.match(details.reason, /exit code 127/);
    assert.deepEqual(details.last_lines, ["cannot find libgomp"]);
    assert.equal(await versionThere(place), "1.0.0");
    assert.equal(entriesOf(place, "versions").length, 1);
    await place.install(makePayload("2.0.1"));
    assert.equal(await versionThere(place), "2.0.1");
  });

  it("takes nothing into use that is not what was announced", async () => {
    await using place = await openPlace();
    await place.install(makePayload("1.0.0"));
    const payload = makePayload("2.0.0", { "lib/a.bin": incompressible(1) });
    writeFileSync(join(payload.root, "lib/a.bin"), incompressible(1));
    const details = await failureOf(place.install(payload), "INSTALL_FAILED");
    assert.match(details.reason, /not what was announced, twice/);
    assert.equal(place.told.filter((line) => line.endsWith("it is dropped; again")).length, 1);
    assert.equal(await versionThere(place), "1.0.0");
  });

  it("touches nothing that is in its way", async () => {
    await using place = await openPlace();
    mkdirSync(place.inPath("bin"), { recursive: true });
    writeFileSync(place.inPath("bin/rbee-hive"), "mine");
    const details = await failureOf(place.install(makePayload("1.0.0")), "INSTALL_FAILED");
    assert.match(details.reason, /bin\/rbee-hive is in the way/);
    assert.equal(readFileSync(place.inPath("bin/rbee-hive"), "utf8"), "mine");
  });

  it("gives the hive its key, for its user's eyes only", async () => {
    await using place = await openPlace();
    await place.install(makePayload("1.0.0"));
    const key = readFileSync(join(place.host.home, ".rbee/keys/hive.key"), "utf8");
    assert.equal(key, readFileSync(join(place.host.folder, "keys/mac.key"), "utf8"));
    const modeOf = (name: string) => statSync(join(place.host.home, name)).mode & 0o777;
    assert.deepEqual(
      [".rbee", ".rbee/keys", ".rbee/keys/hive.key"].map(modeOf),
      [0o700, 0o700, 0o600],
    );
  });

  it("works in any path that a folder can have, through a linked home", async () => {
    for (const name of ['it\'s "rbee" $HOME `x` 🐝', "-n", "a%5Cb;c&d|e*?#"]) {
      await using place = await openPlace({ installPath: `~/${name}` });
      symlinkSync(place.host.home, join(place.host.home, "link"));
      const { installPath } = await place.install(makePayload("1.0.0"));
      assert.equal(installPath, join(place.host.home, name));
      assert.equal(await versionThere(place), "1.0.0");
      await place.uninstall();
      assert.ok(!existsSync(installPath));
    }
  });

  it("refuses a path from which Node.js runs nothing", async () => {
    await using place = await openPlace({ installPath: "~/a\\b" });
    const details = await failureOf(place.install(makePayload("1.0.0")), "INSTALL_FAILED");
    assert.match(details.reason, /backslash/);
    assert.deepEqual(readdirSync(place.host.home), []);
  });

  for (const loginShell of ["fish", "csh", "bash"]) {
    it(`works behind ${loginShell} as login shell that greets`, async (test) => {
      if (!existsSync(`/usr/bin/${loginShell}`)) return test.skip(`there is no ${loginShell}`);
      await using place = await openPlace({ loginShell, banner: "Don't panic!\nos=Plan9" });
      await place.install(makePayload("1.0.0", { "lib/big.bin": incompressible(2) }));
      assert.equal(await versionThere(place), "1.0.0");
    });
  }
});

function readLib(root: string, name = "big"): Buffer {
  return readFileSync(join(root, `lib/${name}.bin`));
}
