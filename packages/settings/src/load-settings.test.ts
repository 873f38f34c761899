import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { loadSettings } from "./load-settings.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "rbee-settings-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function writeUserConfig(text: string): string {
  const file = join(home, ".config/rbee/config.toml");
  mkdirSync(join(home, ".config/rbee"), { recursive: true });
  writeFileSync(file, text);
  return file;
}

describe("settings", () => {
  it("have the defaults of the specification", () => {
    const { settings } = loadSettings({ environment: {}, homeDirectory: home, configFile: "" });
    assert.equal(settings.queen.port, 8080);
    assert.equal(settings.hive.port, 9200);
    assert.equal(settings.hive.worker_port_base, 8001);
    assert.equal(settings.timeouts.idle_worker, 300);
    assert.equal(settings.timeouts.queen_lease, 60);
    assert.equal(settings.keeper.queen_url, "http://127.0.0.1:8080");
  });

  it("come from flags before environment before file before defaults", () => {
    const file = writeUserConfig(
      "[queen]\nport = 9001\n[hive]\nport = 9002\n[worker]\nslots = 2\n",
    );
    const loaded = loadSettings({
      environment: { RBEE_QUEEN_PORT: "9003", RBEE_HIVE_PORT: "9004" },
      homeDirectory: home,
      flags: { queen: { port: 9005, host: undefined } },
    });
    assert.equal(loaded.settings.queen.port, 9005);
    assert.equal(loaded.settings.hive.port, 9004);
    assert.equal(loaded.settings.worker.slots, 2);
    assert.equal(loaded.file, file);
    assert.equal(loaded.sources.get("queen.port"), "flag");
    assert.equal(loaded.sources.get("hive.port"), "environment");
    assert.equal(loaded.sources.get("worker.slots"), "file");
    assert.equal(loaded.sources.get("queen.host"), undefined);
  });

  it("read the file that RBEE_CONFIG names and no other: files do not merge", () => {
    writeUserConfig("[queen]\nport = 9001\n");
    const other = join(home, "other.toml");
    writeFileSync(other, "[hive]\nport = 9002\n");
    const { settings, file } = loadSettings({
      environment: { RBEE_CONFIG: other },
      homeDirectory: home,
    });
    assert.equal(file, other);
    assert.equal(settings.hive.port, 9002);
    assert.equal(settings.queen.port, 8080);
  });

  it("name every wrong key at once, with what was expected", () => {
    writeUserConfig('[queen]\nport = 80\ncolour = "red"\n[nonsense]\nx = 1\n');
    assert.throws(
      () => loadSettings({ environment: { RBEE_FOO_BAR: "1" }, homeDirectory: home }),
      (error) => {
        assert.ok(RbeeError.is(error, "INVALID_CONFIGURATION"));
        const fields = error.details.errors.map((entry) => entry.field).toSorted();
        assert.deepEqual(fields, ["RBEE_FOO_BAR", "nonsense", "queen.colour", "queen.port"]);
        return true;
      },
    );
  });

  it("say which file is not TOML", () => {
    const file = writeUserConfig("[queen\n");
    assert.throws(
      () => loadSettings({ environment: {}, homeDirectory: home }),
      (error) => RbeeError.is(error, "INVALID_CONFIGURATION") && error.details.file === file,
    );
  });

  it("do not take RBEE_HOME for a setting", () => {
    const environment = { RBEE_HOME: "/somewhere" };
    assert.doesNotThrow(() => loadSettings({ environment, homeDirectory: home }));
  });

  it("take aliases as text, even when they look like numbers", () => {
    const environment = { RBEE_ALIASES_SMALL: "hf:org/repo" };
    const { settings } = loadSettings({ environment, homeDirectory: home });
    assert.equal(settings.aliases["small"], "hf:org/repo");
  });

  it("take what may be text as text, and an empty variable for none", () => {
    const environment = { RBEE_QUEEN_DATABASE: "2024", RBEE_QUEEN_PORT: "", RBEE_CONFIG: "" };
    const { settings } = loadSettings({ environment, homeDirectory: home });
    assert.equal(settings.queen.database, "2024");
    assert.equal(settings.queen.port, 8080);
  });

  it("say where a wrong value was written, and which key was meant", () => {
    writeUserConfig("[queen]\nprot = 9001\n[hive]\nport = 1\n");
    const messages = wrongMessages({ RBEE_QUEEN_PORT: "high", RBEE_HIVE_COLOUR: "red" });
    assert.match(messages.get("queen.port") ?? "", /expected number.*RBEE_QUEEN_PORT/);
    assert.match(messages.get("queen.prot") ?? "", /is port meant\?/);
    assert.match(messages.get("hive.port") ?? "", /1024$/);
    assert.match(messages.get("RBEE_HIVE_COLOUR") ?? "", /\[hive\] has host, port/);
  });

  it("refuse what is no section, even when the environment writes into it", () => {
    writeUserConfig("queen = 5\n[[hive]]\nport = 9300\n[__proto__]\nport = 1\n");
    const messages = wrongMessages({ RBEE_QUEEN_PORT: "9001", RBEE_CONSTRUCTOR_NAME: "x" });
    assert.match(messages.get("queen") ?? "", /expected object, received number/);
    assert.match(messages.get("hive") ?? "", /expected object, received array/);
    assert.ok(messages.has("RBEE_CONSTRUCTOR_NAME"));
    assert.equal("port" in {}, false);
  });

  it("tell a file that does not exist from one that is a folder", () => {
    const missing = wrongMessages({ RBEE_CONFIG: join(home, "none.toml") });
    assert.match(missing.get("file") ?? "", /does not exist/);
    assert.match(wrongMessages({ RBEE_CONFIG: home }).get("file") ?? "", /folder/);
  });
});

function wrongMessages(environment: Record<string, string>): Map<string, string> {
  try {
    loadSettings({ environment, homeDirectory: home });
  } catch (error) {
    assert.ok(RbeeError.is(error, "INVALID_CONFIGURATION"), String(error));
    return new Map(error.details.errors.map(({ field, message }) => [field, message]));
  }
  return assert.fail("the configuration was taken");
}
