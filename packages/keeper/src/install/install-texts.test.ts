// What install writes and says: configuration, units, advice.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { loadSettings } from "@rbee/settings";
import { advisePath } from "./advise-path.ts";
import { createUnit } from "./create-unit.ts";
import { installPlaces } from "./install-places.ts";
import { ownCommand } from "./own-command.ts";
import { renderConfiguration } from "./render-configuration.ts";

const box = mkdtempSync(join(tmpdir(), "rbee-install-texts-"));
after(() => rmSync(box, { recursive: true, force: true }));
const example = readFileSync(
  join(import.meta.dirname, "../../../../docs/config.example.toml"),
  "utf8",
);

function load(text: string) {
  const configFile = join(box, "config.toml");
  writeFileSync(configFile, text);
  return loadSettings({ environment: {}, homeDirectory: box, configFile, flags: {} }).settings;
}

describe("the configuration that install writes", () => {
  it("means the same as none", () => {
    const defaults = loadSettings({ environment: {}, homeDirectory: box, flags: {} }).settings;
    const text = renderConfiguration(example, undefined);
    assert.deepEqual(load(text), defaults);
    assert.ok(!/^[a-z]/m.test(text), "no line has a value");
  });

  it("shows every line of the example, ready to be changed", () => {
    const text = renderConfiguration(example, undefined);
    assert.match(text, /^# port = 8080/m);
    const section = text.replace("[queen]\n", "[queen]\nport = 8090\n");
    assert.equal(load(section).queen.port, 8090);
    for (const [line] of example.matchAll(/^\[[a-z]+\]$/gm)) assert.ok(text.includes(line), line);
  });

  it("says for a whole machine where the models are, and nothing else", () => {
    const text = renderConfiguration(example, "/var/lib/rbee/models");
    assert.equal(load(text).hive.models_dir, "/var/lib/rbee/models");
    assert.deepEqual(
      text.split("\n").filter((line) => /^[a-z]/.test(line)),
      ['models_dir = "/var/lib/rbee/models"'],
    );
  });
});

describe("advisePath", () => {
  const folder = "/home/me/.local/bin";
  const home = { HOME: "/home/me" };

  it("says nothing when the shell finds the programs", () => {
    assert.deepEqual(advisePath(folder, { ...home, PATH: `/usr/bin:${folder}` }), []);
    assert.deepEqual(advisePath(folder, { ...home, PATH: `${folder}/:/usr/bin` }), []);
  });

  it("names the line for the person's shell", () => {
    const line = (SHELL: string) => advisePath(folder, { ...home, PATH: "/usr/bin", SHELL })[1];
    assert.equal(line("/bin/bash"), `  echo 'export PATH="$HOME/.local/bin:$PATH"' >> ~/.profile`);
    assert.match(line("/usr/bin/zsh") ?? "", /~\/\.zshrc$/);
    assert.equal(line("/usr/bin/fish"), "  fish_add_path $HOME/.local/bin");
    assert.match(advisePath(folder, home)[0] ?? "", /is not on your PATH/);
  });

  it("tells of another rbee that is found first", () => {
    const other = join(box, "other");
    mkdirSync(other);
    writeFileSync(join(other, "rbee-keeper"), "");
    const [line = ""] = advisePath(folder, { ...home, PATH: `${other}:${folder}` });
    assert.ok(line.includes(join(other, "rbee-keeper")), line);
  });
});

describe("ownCommand", () => {
  const installation = { version: "0.1.0", models: "", workerManifest: "" };
  const programs = {} as never;

  it("is ./rbee in a clone, the path elsewhere, and the name by which an installed one is found", () => {
    const clone = join(box, "clone");
    mkdirSync(join(clone, "dist"), { recursive: true });
    writeFileSync(join(clone, "rbee"), "");
    const inClone = { ...installation, programs, root: join(clone, "dist") };
    assert.equal(ownCommand(inClone, {}, clone), "./rbee");
    assert.equal(ownCommand(inClone, {}, "/"), join(clone, "rbee"));
    const version = join(box, "versions/1");
    mkdirSync(join(version, "bin"), { recursive: true });
    writeFileSync(join(version, "bin/rbee"), "");
    const installed = { ...installation, programs, root: version };
    assert.equal(ownCommand(installed, { PATH: "/usr/bin" }, "/"), join(version, "bin/rbee"));
    const links = join(box, "links");
    mkdirSync(links);
    symlinkSync(join(version, "bin/rbee"), join(links, "rbee"));
    assert.equal(ownCommand(installed, { PATH: `/usr/bin:${links}` }, "/"), join(links, "rbee"));
    assert.equal(ownCommand({ ...installed, root: box }, {}, "/"), "rbee-keeper");
  });
});

const hasSystemdAnalyze = spawnSync("systemd-analyze", ["--version"]).status === 0;
const hasPython = spawnSync("python3", ["-c", "import plistlib"]).status === 0;

describe("units", () => {
  const homeDirectory = "/home/a person's 100%";
  const unitFor = (isSystem: boolean, platform: NodeJS.Platform) =>
    createUnit({
      places: installPlaces({ isSystem, homeDirectory, rbeeHome: `${homeDirectory}/.rbee` }),
      platform,
      homeDirectory,
      person: "ann & bob",
    });

  it("of systemd stop the queen alone first, and give her time for her cascade", () => {
    for (const isSystem of [false, true]) {
      const [{ text } = { text: "" }] = unitFor(isSystem, "linux").files;
      assert.match(text, /^KillMode=mixed$/m);
      assert.match(text, /^TimeoutStopSec=40$/m);
      assert.match(text, /^Restart=on-failure$/m);
    }
    const { files, enable } = unitFor(false, "linux");
    assert.equal(files[0]?.path, `${homeDirectory}/.config/systemd/user/queen-rbee.service`);
    assert.ok(files[0].text.includes(`ExecStart="/home/a person's 100%%/.local/bin/queen-rbee"`));
    assert.ok(enable.includes("systemctl --user enable --now queen-rbee"));
  });

  it(
    "of systemd are accepted by systemd",
    {
      skip: hasSystemdAnalyze ? false : "systemd-analyze is not here",
    },
    () => {
      for (const isSystem of [false, true]) {
        const folder = mkdtempSync(join(box, "unit-"));
        const path = join(folder, "queen-rbee.service");
        const [{ text } = { text: "" }] = unitFor(isSystem, "linux").files;
        // The program that the unit starts is not on this machine.
        writeFileSync(path, text.replace(/^ExecStart=.*$/m, "ExecStart=/bin/true"));
        const scope = isSystem ? [] : ["--user"];
        const { status, stderr } = spawnSync("systemd-analyze", ["verify", ...scope, path], {
          encoding: "utf8",
          env: { ...process.env, XDG_RUNTIME_DIR: folder },
        });
        assert.equal(status, 0, stderr);
        assert.ok(!stderr.includes("queen-rbee.service"), stderr);
      }
    },
  );

  it(
    "of launchd are property lists that Python's reader understands",
    {
      skip: hasPython ? false : "python3 is not here",
    },
    () => {
      for (const isSystem of [false, true]) {
        const [unit] = unitFor(isSystem, "darwin").files;
        const script =
          "import json,plistlib,sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))";
        const { stdout, stderr } = spawnSync("python3", ["-c", script], {
          input: unit?.text ?? "",
          encoding: "utf8",
        });
        assert.equal(stderr, "");
        const list = JSON.parse(stdout) as Record<string, unknown>;
        const folder = isSystem ? "/usr/local/bin" : `${homeDirectory}/.local/bin`;
        assert.deepEqual(list["ProgramArguments"], [`${folder}/queen-rbee`]);
        assert.deepEqual(list["KeepAlive"], { SuccessfulExit: false });
        assert.equal(list["ExitTimeOut"], 40);
        assert.equal(list["UserName"], isSystem ? "ann & bob" : undefined);
      }
    },
  );
});
