import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { sshHostObstacle } from "@rbee/testkit";
import { failureOf, openPlace, versionThere } from "./installer-fixture.ts";
import { writePayload } from "./payload-fixture.ts";

const tools = ["git", "npm", "node"].filter((name) => spawnSync(name, ["--version"]).status !== 0);
const obstacle = sshHostObstacle() ?? (tools.length === 0 ? undefined : `no ${tools.join(", ")}`);
const skip = obstacle ?? false;
const scratch = mkdtempSync(join(tmpdir(), "rbee-build-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const unused = writePayload({ folder: join(scratch, "unused"), version: "9.9.9" });

interface Repository {
  readonly folder: string;
  readonly commit: (version: string) => void;
}

/** Sources whose build takes no time: what they make was made before. */
function createRepository(): Repository {
  const folder = mkdtempSync(join(scratch, "repository-"));
  const git = (...words: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=bee", "-c", "user.email=b@e", ...words], {
      stdio: "ignore",
    });
  git("init", "--initial-branch", "trunk");
  mkdirSync(join(folder, "scripts"));
  const commit = (version: string) => {
    const { root, ...payload } = writePayload({
      folder: mkdtempSync(join(scratch, "p-")),
      version,
    });
    const answer = JSON.stringify({ root, ...payload });
    writeFileSync(join(folder, "scripts/install.mjs"), 'console.error("installing packages");\n');
    const run = `import { spawnSync } from "node:child_process";
const made = spawnSync(${JSON.stringify(process.execPath)}, process.argv.slice(2), { stdio: "inherit" });
process.exitCode = made.status;\n`;
    writeFileSync(join(folder, "scripts/with-node24.mjs"), run);
    const make = `console.log("rbee-payload " + ${JSON.stringify(answer)});\n`;
    writeFileSync(join(folder, "scripts/make-payload.ts"), make);
    git("add", ".");
    git("commit", "-m", `Version ${version}`);
  };
  return { folder, commit };
}

describe("an installation from sources", { skip }, () => {
  it("clones and builds on the node, tells what is said there, and can be repeated", async () => {
    const repository = createRepository();
    repository.commit("1.0.0");
    await using place = await openPlace();
    Object.assign(place.node, { gitRepoUrl: repository.folder, gitBranch: "trunk" });
    const first = await place.install(unused, { fromGit: true });
    assert.equal(first.version, "1.0.0");
    assert.equal(await versionThere(place), "1.0.0");
    const told = place.told.join("\n");
    assert.match(told, /fetching trunk of .*\n[^]*building [0-9a-f]{12} on mac\n/);
    assert.match(told, /^installing packages$/m);
    assert.ok(!told.includes("rbee-payload"));
    repository.commit("1.1.0");
    assert.equal((await place.install(unused, { fromGit: true })).version, "1.1.0");
    assert.equal(await versionThere(place), "1.1.0");
    assert.equal((await place.install(unused, { fromGit: true })).isUnchanged, true);
    await place.uninstall();
    assert.ok(!existsSync(place.node.installPath));
  });

  it("names what a build needs and the machine lacks", async () => {
    const folder = mkdtempSync(join(scratch, "bin-"));
    const words = "sh uname mkdir cat mv rm ln readlink dirname df tail wc chmod rmdir git";
    for (const name of words.split(" ")) symlinkSync(`/usr/bin/${name}`, join(folder, name));
    writeFileSync(join(folder, "node"), "#!/bin/sh\necho v18.19.0\n", { mode: 0o755 });
    await using place = await openPlace({ environment: { PATH: folder } });
    const { missing } = await failureOf(
      place.install(unused, { fromGit: true }),
      "BUILD_TOOLS_MISSING",
    );
    assert.deepEqual(missing, ["Node.js 20 or newer (there is v18.19.0)", "npm"]);
    assert.ok(!existsSync(place.node.installPath));
  });

  it("says what git said when there is nothing to clone, and leaves nothing", async () => {
    await using place = await openPlace();
    const unnamed = await failureOf(place.install(unused, { fromGit: true }), "INSTALL_FAILED");
    assert.match(unnamed.last_lines.join("\n"), /update-node --name mac --git-repo/);
    Object.assign(place.node, { gitRepoUrl: join(scratch, "nowhere"), gitBranch: "trunk" });
    const failed = await failureOf(place.install(unused, { fromGit: true }), "INSTALL_FAILED");
    assert.equal(failed.step, "fetching the sources");
    assert.match(failed.last_lines.join("\n"), /nowhere/);
    assert.ok(!existsSync(place.inPath("current")));
  });
});
