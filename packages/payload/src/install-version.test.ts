// Payloads here are small: their programs are scripts that say a version.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { installVersion } from "./install-version.ts";
import type { InstallInput } from "./install-version.ts";
import type { Payload } from "./payload.ts";
import { removeVersions } from "./remove-versions.ts";
import { launchers } from "./render-launcher.ts";

const box = mkdtempSync(join(tmpdir(), "rbee-install-"));
after(() => rmSync(box, { recursive: true, force: true }));

let count = 0;
function makePayload(version: string, script = `echo rbee ${version}`): Payload {
  count += 1;
  const root = join(box, `payload-${count}`);
  const texts: [string, string, number][] = [
    ["rbee.json", `{"version":"${version}"}`, 0o644],
    ...Object.keys(launchers).map((name): [string, string, number] => [
      `bin/${name}`,
      `#!/bin/sh\n${script}\n`,
      0o755,
    ]),
  ];
  const files = texts.map(([path, text, mode]) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    const sha256 = createHash("sha256").update(text).digest("hex");
    return { path, mode, sha256, sizeBytes: Buffer.byteLength(text) };
  });
  const digest = createHash("sha256").update(`${version} ${script}`).digest("hex");
  return {
    version,
    platform: "linux-x64",
    gpu: "cpu",
    digest,
    name: `${version}-${digest.slice(0, 12)}`,
    root,
    files,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    open: ({ path }) => createReadStream(join(root, path)),
  };
}

function makeRoot(): string {
  count += 1;
  return join(box, `root-${count}`);
}

async function install(root: string, payload: Payload, change: Partial<InstallInput> = {}) {
  const steps: string[] = [];
  const input = {
    payload,
    root,
    onStep: (step: string) => void steps.push(step),
    complete: async () => {},
    signal: AbortSignal.timeout(30_000),
  };
  return { ...(await installVersion({ ...input, ...change })), steps };
}

const inUse = (root: string) => readlinkSync(join(root, "current"));

describe("installVersion", () => {
  it("copies, tries and switches; the second time there is nothing to do", async () => {
    const root = makeRoot();
    const payload = makePayload("1.0.0");
    const first = await install(root, payload);
    assert.deepEqual(first.steps, ["copying", "trying"]);
    assert.equal(first.isUnchanged, false);
    assert.equal(inUse(root), `versions/${payload.name}`);
    const program = statSync(join(root, "current/bin/rbee-hive"));
    assert.equal(program.mode & 0o777, 0o755);
    assert.equal(program.nlink, 1, "a copy of its own");
    const second = await install(root, payload);
    assert.deepEqual(second.steps, []);
    assert.equal(second.isUnchanged, true);
    assert.deepEqual(readdirSync(root).toSorted(), ["current", "versions"]);
  });

  it("repairs a version of which a file is damaged, missing, or cannot be run", async () => {
    const root = makeRoot();
    const payload = makePayload("1.0.0");
    await install(root, payload);
    const program = join(root, "current/bin/queen-rbee");
    for (const damage of [
      () => writeFileSync(program, "#!/bin/sh\necho rbee 1.0.1\n"),
      () => rmSync(program),
      () => chmodSync(program, 0o644),
    ]) {
      damage();
      const repaired = await install(root, payload);
      assert.deepEqual(repaired.steps, ["copying", "trying"]);
      assert.equal(statSync(program).mode & 0o777, 0o755);
      assert.match(readFileSync(program, "utf8"), /echo rbee 1\.0\.0$/m);
    }
  });

  it("keeps the version before, and removes those before that", async () => {
    const root = makeRoot();
    const [one, two, three] = ["1.0.0", "1.1.0", "1.2.0"].map((version) => makePayload(version));
    assert.ok(one !== undefined && two !== undefined && three !== undefined);
    await install(root, one);
    assert.equal((await install(root, two)).previous, one.name);
    const last = await install(root, three);
    assert.deepEqual(last.pruned, [one.name]);
    assert.deepEqual(readdirSync(join(root, "versions")).toSorted(), [two.name, three.name]);
  });

  it("refuses a version whose programs do not run or say another version", async () => {
    const root = makeRoot();
    const good = makePayload("1.0.0");
    await install(root, good);
    for (const [script, reason] of [
      ["echo rbee 9.9.9", /is not version 2\.0\.0/],
      ["echo broken >&2; exit 3", /exit code 3/],
    ] as const) {
      const bad = makePayload("2.0.0", script);
      await assert.rejects(install(root, bad), (error) => {
        assert.ok(RbeeError.is(error, "INSTALL_FAILED"));
        assert.match(error.details.reason, reason);
        return true;
      });
      assert.equal(inUse(root), `versions/${good.name}`);
      assert.deepEqual(readdirSync(join(root, "versions")), [good.name]);
    }
  });

  it("goes back to what was in use when the rest of the installation fails", async () => {
    const root = makeRoot();
    const good = makePayload("1.0.0");
    await install(root, good);
    const complete = async () => {
      assert.notEqual(inUse(root), `versions/${good.name}`);
      throw new Error("the rest failed");
    };
    await assert.rejects(install(root, makePayload("2.0.0"), { complete }));
    assert.equal(inUse(root), `versions/${good.name}`);
    assert.deepEqual(readdirSync(root).toSorted(), ["current", "versions"]);
    assert.deepEqual(readdirSync(join(root, "versions")), [good.name]);
  });

  it("leaves nothing in use when the very first installation fails", async () => {
    const root = makeRoot();
    const complete = async () => {
      throw new RbeeError("PERMISSION_DENIED", { path: "/somewhere" });
    };
    await assert.rejects(install(root, makePayload("1.0.0"), { complete }), (error) =>
      RbeeError.is(error, "PERMISSION_DENIED"),
    );
    assert.equal(existsSync(join(root, "current")), false);
    assert.deepEqual(readdirSync(join(root, "versions")), []);
  });

  it("refuses a payload that changed after it was assembled", async () => {
    const payload = makePayload("1.0.0");
    writeFileSync(join(payload.root, "rbee.json"), `{"version":"6.6.6"}`);
    await assert.rejects(install(makeRoot(), payload), (error) => {
      assert.ok(RbeeError.is(error, "INSTALL_FAILED"));
      assert.match(error.details.reason, /changed meanwhile/);
      return true;
    });
  });

  it("lets two at once install one after the other", async () => {
    const root = makeRoot();
    const [one, two] = [makePayload("1.0.0"), makePayload("1.1.0")];
    let running = 0;
    const complete = async () => {
      running += 1;
      assert.equal(running, 1);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    await Promise.all([one, two, one].map((payload) => install(root, payload, { complete })));
    const kept = readdirSync(join(root, "versions")).toSorted();
    assert.deepEqual(kept, [one.name, two.name]);
    assert.ok(kept.includes(inUse(root).slice("versions/".length)));
  });

  it("waits for nobody when it is told to end", async () => {
    const root = makeRoot();
    const end = new AbortController();
    const blocked = install(root, makePayload("1.0.0"), {
      complete: async () => {
        const second = install(root, makePayload("1.1.0"), { signal: end.signal });
        setImmediate(() => end.abort(new Error("enough")));
        await assert.rejects(second, /enough/);
      },
    });
    await blocked;
  });
});

describe("removeVersions", () => {
  it("removes what installVersion put there, and nothing else", async () => {
    const root = makeRoot();
    mkdirSync(join(root, "models"), { recursive: true });
    await install(root, makePayload("1.0.0"));
    await removeVersions(root);
    assert.deepEqual(readdirSync(root), ["models"]);
    rmSync(join(root, "models"), { recursive: true });
    await removeVersions(root);
    assert.equal(existsSync(root), false);
    await removeVersions(root);
  });
});
