import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { parseModelReference } from "@rbee/contract";
import { createLogger } from "@rbee/daemon";
import { findHubAccess, findInstallation, loadSettings, rbeePaths } from "@rbee/settings";
import { createModelRoom } from "./create-model-room.ts";
import type { ModelRoom } from "./create-model-room.ts";

const never = new AbortController().signal;
const installation = findInstallation(import.meta.dirname);
let homeDirectory: string;
let lines: Record<string, unknown>[];

beforeEach(() => {
  homeDirectory = mkdtempSync(join(tmpdir(), "rbee-room-"));
  lines = [];
});
afterEach(() => rmSync(homeDirectory, { recursive: true, force: true }));

function findPaths() {
  const { settings } = loadSettings({ environment: {}, homeDirectory });
  return rbeePaths({ settings, environment: {}, homeDirectory });
}

function openRoom(hive: Readonly<Record<string, unknown>> = {}): ModelRoom {
  const { settings } = loadSettings({ environment: {}, homeDirectory, flags: { hive } });
  const sinks = [{ write: (line: string) => lines.push(JSON.parse(line)) }];
  const logger = createLogger({ program: "test", sinks });
  return createModelRoom({
    node: "localhost",
    installation,
    paths: findPaths(),
    settings: () => settings,
    hubAccess: () => findHubAccess({ settings, environment: {}, homeDirectory }),
    logger,
    downloads: { begun() {}, received() {}, ended() {} },
  });
}

describe("the room of models and devices", () => {
  it("knows the bundled model of a fresh installation", async () => {
    const room = openRoom();
    room.populate();
    const models = await room.catalogue.list();
    assert.deepEqual(
      models.map(({ reference }) => reference),
      ["hello-bee"],
    );
    room.close();
  });

  it("leaves the bundled model its name, though another of that name came first", async () => {
    const room = openRoom();
    const path = join(homeDirectory, "hello-bee-3m-q8_0.gguf");
    copyFileSync(join(installation.models, "hello-bee/hello-bee-3m-q8_0.gguf"), path);
    const reference = parseModelReference(`file:${path}`);
    assert.ok(reference !== undefined);
    const asked = { narrate() {}, onProgress() {}, signal: never };
    const other = await room.provisioner.provision(reference, asked);
    assert.match(other.id, /^hello-bee-3m-q8_0-[\da-f]{6}$/);
    assert.equal((await room.catalogue.find("hello-bee"))?.id, "hello-bee-3m-q8_0");
    room.close();
  });

  it("goes on after its catalogue was corrupt, with what is on disk", async () => {
    const { modelsDatabase } = findPaths();
    mkdirSync(dirname(modelsDatabase), { recursive: true });
    writeFileSync(modelsDatabase, "x".repeat(10_000));
    const room = openRoom();
    assert.equal((await room.catalogue.find("hello-bee"))?.quantization, "Q8_0");
    const backup = `${modelsDatabase}.corrupt.backup`;
    assert.ok(existsSync(backup));
    assert.equal(readFileSync(backup, "utf8"), "x".repeat(10_000));
    const line = lines.find(({ code }) => code === "CATALOG_CORRUPT");
    assert.deepEqual([line?.["backup_path"], line?.["rebuilt"]], [backup, 1]);
    room.close();
  });

  it("tells the limit of the configuration with the memory", async () => {
    const room = openRoom({ memory_limit_mb: 300 });
    const { ram, backends, disk } = await room.devices.detect(never);
    assert.equal(ram.limitBytes, 300 * 1_048_576);
    assert.ok(backends.includes("cpu"));
    assert.equal(disk.path, findPaths().models);
    room.close();
  });
});
