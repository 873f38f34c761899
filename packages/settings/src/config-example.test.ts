import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "smol-toml";
import { loadSettings } from "./load-settings.ts";
import { listKeys } from "./settings-keys.ts";
import { Settings } from "./settings-schema.ts";

const example = join(import.meta.dirname, "../../../docs/config.example.toml");

describe("the example of a configuration", () => {
  it("is valid and holds the defaults", () => {
    const loaded = loadSettings({ environment: {}, homeDirectory: "/", configFile: example });
    assert.deepEqual(loaded.settings, Settings.parse({}));
  });

  it("is still valid with every optional line switched on", () => {
    const folder = mkdtempSync(join(tmpdir(), "rbee-example-"));
    const file = join(folder, "config.toml");
    writeFileSync(file, switchedOn());
    const loaded = loadSettings({ environment: {}, homeDirectory: "/", configFile: file });
    rmSync(folder, { recursive: true });
    assert.equal(loaded.settings.hive.memory_limit_mb, 8000);
    assert.equal(loaded.settings.aliases["small"], "file:/models/small.gguf");
  });

  it("names every key of every section, in a line that can be switched on", () => {
    const sections = parse(switchedOn());
    for (const section of Object.keys(Settings.shape)) {
      const written = Object.keys(sections[section] ?? {});
      const missing = listKeys(section).filter((key) => !written.includes(key));
      assert.deepEqual(missing, [], `[${section}]`);
    }
  });

  it("has no value that the environment cannot give as well", () => {
    const wrong: string[] = [];
    for (const [section, values] of Object.entries(parse(switchedOn()))) {
      for (const [key, value] of Object.entries(values)) {
        const environment = { [`RBEE_${section}_${key}`.toUpperCase()]: String(value) };
        const loaded = loadSettings({ environment, homeDirectory: "/", configFile: "" });
        const settings = loaded.settings as Readonly<Record<string, Record<string, unknown>>>;
        if (settings[section]?.[key] !== value) wrong.push(`${section}.${key}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
});

function switchedOn(): string {
  return readFileSync(example, "utf8").replaceAll(/^# (?=[a-z_]+ = )/gm, "");
}
