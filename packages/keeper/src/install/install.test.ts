// The real thing: this copy of rbee is installed for a person and for a whole machine, and used from
// there. What needs a machine of its own gets one by namespaces, as root.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { createBox, eventually, runProgram } from "@rbee/testkit";
import type { ProgramRun } from "@rbee/testkit";

const box = await createBox();
after(() => box.close());
const home = join(box.root, "person");
mkdirSync(home);
const binaries = join(home, ".local/bin");
const share = join(home, ".local/share/rbee");
const configFile = join(home, ".config/rbee/config.toml");
const programs = ["llm-worker-rbee", "queen-rbee", "rbee", "rbee-hive", "rbee-keeper"];
const clone = join(import.meta.dirname, "../../../..");

const environment = {
  HOME: home,
  RBEE_HOME: box.rbeeHome,
  RBEE_QUEEN_PORT: String(box.queenPort),
  RBEE_KEEPER_QUEEN_URL: `http://127.0.0.1:${box.queenPort}`,
  RBEE_HIVE_PORT: String(box.hivePort),
  RBEE_HIVE_WORKER_PORT_BASE: String(box.workerPortBase),
  PATH: `${binaries}:/usr/sbin:/usr/bin:/sbin:/bin`,
  LANG: "C.UTF-8",
};

async function keeper(words: readonly string[], installationRoot?: string): Promise<ProgramRun> {
  const root = installationRoot === undefined ? {} : { installationRoot };
  return await box.keeper(words, { environment, ...root });
}

async function runInstalled(words: readonly string[], prefix: readonly string[] = []) {
  const command = [...prefix, ...words];
  const run = await runProgram({ command, environment, directory: "/" });
  await run.ended;
  return run;
}

function assertSuccess(run: ProgramRun): void {
  assert.equal(run.end()?.code, 0, run.stdout() + run.stderr());
}

const versions = () => readdirSync(join(share, "versions")).toSorted();
const inUse = () => readlinkSync(join(share, "current")).slice("versions/".length);

const isRoot = process.getuid?.() === 0;
const hasNamespaces = isRoot && spawnSync("unshare", ["-m", "true"]).status === 0;
const needsNamespaces = { skip: hasNamespaces ? false : "needs root, for mounts of its own" };

describe("install", () => {
  it("touches nothing when something else has a program's name", async () => {
    mkdirSync(binaries, { recursive: true });
    writeFileSync(join(binaries, "rbee"), "mine");
    const run = await keeper(["install"]);
    assert.equal(run.end()?.code, 1);
    assert.match(run.stderr(), /\[INSTALL_FAILED\]/);
    assert.ok(run.stderr().includes(`${join(binaries, "rbee")}: not put there`), run.stderr());
    assert.equal(existsSync(share), false);
    assert.deepEqual(readdirSync(binaries), ["rbee"]);
    rmSync(join(binaries, "rbee"));
  });

  it(
    "on a disk that is too small says what it needs, and leaves nothing",
    needsNamespaces,
    async () => {
      const small = `mkdir -p "$HOME/.local/share"; mount -t tmpfs -o size=40m none "$HOME/.local/share"
      "$@"; code=$?; ls -A "$HOME/.local/share/rbee/versions" "$HOME/.local/bin"; exit $code`;
      const program = box.installation.programs["rbee-keeper"];
      const words = ["sh", "-c", small, "sh", process.execPath, program, "install"];
      const run = await runInstalled(words, ["unshare", "-m"]);
      assert.equal(run.end()?.code, 1, run.stderr());
      assert.match(run.stderr(), /need \d{3} MB, have \d{2} MB[^]*\[INSUFFICIENT_DISK\]/);
      assert.equal(run.stdout(), `${binaries}:\n\n${share}/versions:\n`);
      rmSync(share, { recursive: true, force: true });
    },
  );

  it("puts all programs, a configuration and a folder for models where a person has them", async () => {
    const run = await keeper(["install"]);
    assertSuccess(run);
    assert.deepEqual(readdirSync(binaries).toSorted(), programs);
    assert.deepEqual(readdirSync(join(share, "models")), []);
    assert.deepEqual(versions(), [inUse()]);
    assert.match(readFileSync(configFile, "utf8"), /^# port = 8080/m);
    assert.match(run.stdout(), /rbee v\S+ \(\S+, \w+\) is installed\./);
    assert.match(run.stdout(), /Next steps:\n[^]*rbee infer/);
    assert.ok(!run.stdout().includes("not on your PATH"), run.stdout());
    for (const name of programs) {
      const answer = await runInstalled([join(binaries, name), "--version"]);
      assertSuccess(answer);
      assert.ok(answer.stdout().trim().endsWith(box.installation.version), name);
    }
  });

  it("keeps the configuration and changes nothing when it is run again", async () => {
    writeFileSync(configFile, "# mine\n");
    // By the installed program: sources may change meanwhile, an installed copy does not.
    const run = await runInstalled(["rbee", "install", "--json"]);
    assertSuccess(run);
    const result = JSON.parse(run.stdout()) as Record<string, unknown>;
    assert.equal(result["unchanged"], true);
    assert.deepEqual(result["configuration"], { file: configFile, written: false });
    assert.equal(readFileSync(configFile, "utf8"), "# mine\n");
    assert.equal(versions().length, 1);
  });

  it("works when the folder that it came from is gone", needsNamespaces, async () => {
    const hide = 'mount -t tmpfs none "$1" && shift && ls -A "$1" >/dev/null; exec "$@"';
    const prefix = ["unshare", "-m", "sh", "-c", hide, "sh", clone];
    const words = [join(binaries, "rbee"), "infer", "--ephemeral", "--max-tokens", "12", "hello"];
    const run = await runInstalled(words, prefix);
    assertSuccess(run);
    assert.ok(run.stdout().length > 10, run.stdout());
    assert.match(run.stderr(), /^12 tokens, /m);
  });

  it("brings in a newer version beside the one before, and goes on from it", async () => {
    const newer = join(box.root, "newer");
    cpSync(join(share, "versions", inUse()), newer, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(newer, "rbee.json"), "utf8")) as object;
    writeFileSync(join(newer, "rbee.json"), JSON.stringify({ ...manifest, version: "0.2.0" }));
    const before = inUse();
    assertSuccess(await keeper(["install"], newer));
    assert.match(inUse(), /^0\.2\.0-/);
    assert.deepEqual(versions(), [before, inUse()].toSorted());
    const answer = await runInstalled(["rbee", "--version"]);
    assert.equal(answer.stdout(), "rbee-keeper 0.2.0\n");
    assertSuccess(await runInstalled(["rbee", "install"]));
  });

  it("writes a unit that starts the queen, and says how to enable it", async () => {
    const run = await keeper(["install", "--service"]);
    assertSuccess(run);
    const unit = join(home, ".config/systemd/user/queen-rbee.service");
    assert.ok(readFileSync(unit, "utf8").includes(`ExecStart="${join(binaries, "queen-rbee")}"`));
    assert.match(run.stdout(), /systemctl --user enable --now queen-rbee/);
  });
});

describe("uninstall", () => {
  it("refuses while a program runs from there, and names it", async () => {
    assertSuccess(await runInstalled(["rbee", "queen", "start"]));
    const pid = box.queenPid();
    const run = await keeper(["uninstall"]);
    assert.equal(run.end()?.code, 1);
    assert.match(run.stderr(), new RegExp(`queen-rbee \\(process ${pid}\\)[^]*PROGRAMS_RUNNING`));
    assert.match(run.stderr(), /queen stop/);
    assertSuccess(await runInstalled(["rbee", "queen", "stop"]));
    await eventually(() => box.processes().length === 0, { what: "the queen to be gone" });
  });

  it("removes what install put there, by the installed program itself, and says what stays", async () => {
    const run = await runInstalled(["rbee", "uninstall"]);
    assertSuccess(run);
    assert.deepEqual(readdirSync(binaries), []);
    assert.deepEqual(readdirSync(share), ["models"]);
    assert.equal(existsSync(join(home, ".config/systemd/user/queen-rbee.service")), false);
    for (const path of [join(share, "models"), configFile, box.rbeeHome]) {
      assert.ok(existsSync(path), path);
      assert.ok(run.stdout().includes(`rm -r ${path}\n`), run.stdout());
    }
  });

  it("says so when there is nothing to remove", async () => {
    const run = await keeper(["uninstall"]);
    assertSuccess(run);
    assert.match(run.stdout(), /not installed/);
  });
});

// The folders of the machine are overlays, gone with the process that made them.
const ownMachine = `
set -e
over=$1; shift
mount -t tmpfs none "$over"
for folder in usr/local etc var; do
  mkdir -p "$over/$folder/up" "$over/$folder/work"
  mount -t overlay overlay \\
    -o "lowerdir=/$folder,upperdir=$over/$folder/up,workdir=$over/$folder/work" "/$folder"
done
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
`;
const asNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";

describe("install --system", () => {
  const over = join(box.root, "over");
  mkdirSync(over);
  const node = process.execPath;
  const program = box.installation.programs["rbee-keeper"];

  async function runOnOwnMachine(script: string): Promise<ProgramRun> {
    const words = ["sh", "-c", ownMachine + script, "sh", over, node, program];
    return await runInstalled(words, ["unshare", "-m"]);
  }

  it(
    "serves everybody on the machine, and uninstall --system takes it away",
    needsNamespaces,
    async () => {
      chmodSync(box.root, 0o755);
      const nobody = join(box.root, "nobody");
      mkdirSync(nobody);
      chmodSync(nobody, 0o777);
      const run = await runOnOwnMachine(`
      SUDO_UID=65534 SUDO_GID=65534 "$1" "$2" install --system --service
      test -d /var/lib/rbee/models
      test "$(stat -c %u /var/lib/rbee/models)" = 65534
      grep -q '^models_dir = "/var/lib/rbee/models"' /etc/rbee/config.toml
      grep -q '^User=rbee' /etc/systemd/system/queen-rbee.service
      test -z "$(find /usr/local/lib/rbee ! -user root -o -perm -o+w ! -type l)"
      cd /
      export HOME=${nobody} RBEE_HOME=${nobody}/.rbee
      for name in ${programs.join(" ")}; do ${asNobody} $name --version; done
      ${asNobody} rbee infer --ephemeral --max-tokens 5 hello
      echo
      ! ${asNobody} rbee uninstall --system
      rbee uninstall --system
      test ! -e /usr/local/bin/rbee && test ! -e /usr/local/lib/rbee
      test ! -e /etc/systemd/system/queen-rbee.service
      test -f /etc/rbee/config.toml && echo everything was as it should be
    `);
      assertSuccess(run);
      assert.match(run.stdout(), /everything was as it should be\n$/);
      assert.equal(existsSync("/usr/local/lib/rbee/current"), false, "this machine is as it was");
    },
  );

  it("without root says which folder is closed, and the command that opens it", async (context) => {
    const words = [node, program, "install", "--system"];
    const isOpen = !isRoot && spawnSync("test", ["-w", "/usr/local/bin"]).status === 0;
    if (isOpen) return context.skip("/usr/local/bin is open to this person");
    const run = isRoot
      ? await runInstalled([...asNobody.split(" "), ...words])
      : await runInstalled(words);
    assert.equal(run.end()?.code, 1, run.stderr());
    assert.match(
      run.stderr(),
      /No permission for \/usr\/local\/bin\.[^]*sudo \S+ install --system/,
    );
    assert.match(run.stderr(), /\[PERMISSION_DENIED\]/);
  });
});
