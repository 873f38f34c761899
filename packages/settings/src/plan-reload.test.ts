import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LoadedSettings, SettingSource } from "./load-settings.ts";
import { planReload } from "./plan-reload.ts";
import { Settings } from "./settings-schema.ts";

function loaded(tree: object, sources: Readonly<Record<string, SettingSource>> = {}) {
  const found: LoadedSettings = {
    settings: Settings.parse(tree),
    file: "/c.toml",
    sources: new Map(Object.entries(sources)),
  };
  return found;
}

describe("a reload", () => {
  it("follows what can change, and leaves the rest as it is until a restart", () => {
    const before = loaded({ queen: { port: 9001, queue_limit: 7 } }, { "queen.port": "file" });
    const after = loaded(
      { queen: { port: 9002, queue_limit: 8 }, aliases: { "a.b": "hello-bee" } },
      { "queen.port": "environment", "aliases.a.b": "file" },
    );
    const plan = planReload(before, after, (setting) =>
      setting === "queen.port" ? "restart" : "follow",
    );
    assert.deepEqual(plan.waiting, [{ setting: "queen.port", before: 9001, after: 9002 }]);
    assert.deepEqual(
      plan.followed.map(({ setting }) => setting),
      ["queen.queue_limit", "aliases.a.b"],
    );
    const { settings, sources } = plan.effective;
    assert.deepEqual([settings.queen.port, settings.queen.queue_limit], [9001, 8]);
    assert.equal(settings.aliases["a.b"], "hello-bee");
    assert.equal(sources.get("queen.port"), "file");
    assert.equal(sources.get("aliases.a.b"), "file");
  });

  it("knows what is not set any more, and what was not set before", () => {
    const before = loaded({ worker: { slots: 2 } });
    const after = loaded({ hive: { models_dir: "/m" } });
    const policy = (setting: string) => (setting === "hive.models_dir" ? "restart" : "follow");
    const { effective, followed } = planReload(before, after, policy);
    assert.deepEqual(followed, [{ setting: "worker.slots", before: 2, after: undefined }]);
    assert.equal("slots" in effective.settings.worker, false);
    assert.equal("models_dir" in effective.settings.hive, false);
  });

  it("says nothing of what is no business of the program", () => {
    const plan = planReload(loaded({}), loaded({ worker: { slots: 2 } }), () => "ignore");
    assert.deepEqual([plan.followed, plan.waiting], [[], []]);
  });
});
