import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { loadSettings } from "./load-settings.ts";
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
    const text = readFileSync(example, "utf8").replaceAll(/^# (?=[a-z_]+ = )/gm, "");
    writeFileSync(file, text);
    const loaded = loadSettings({ environment: {}, homeDirectory: "/", configFile: file });
    rmSync(folder, { recursive: true });
    assert.equal(loaded.settings.hive.memory_limit_mb, 8000);
    assert.equal(loaded.settings.aliases["small"], "file:/models/small.gguf");
  });

  it("names every key of every section", () => {
    const text = readFileSync(example, "utf8");
    for (const [section, schema] of Object.entries(Settings.shape)) {
      const [, body = ""] = text.split(`[${section}]`);
      const [own = ""] = body.split(/\n\[[a-z]+\]/);
      const shape = (schema as unknown as { def: { innerType: { shape?: object } } }).def.innerType;
      for (const key of Object.keys(shape.shape ?? {})) {
        assert.match(own, new RegExp(`^(?:# )?${key} = `, "m"), `${section}.${key}`);
      }
    }
  });
});
