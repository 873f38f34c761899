import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { findInstallation } from "./installation.ts";
import { readWorkerManifest } from "./worker-manifest.ts";

const folder = mkdtempSync(join(tmpdir(), "rbee-manifest-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const installation = findInstallation(import.meta.dirname);

function write(text: string): string {
  const path = join(folder, "worker.json");
  writeFileSync(path, text);
  return path;
}

function fieldsOf(path: string): string[] {
  try {
    readWorkerManifest(path, installation);
  } catch (error) {
    assert.ok(RbeeError.is(error, "INVALID_CONFIGURATION"), String(error));
    assert.equal(error.details.file, path);
    return error.details.errors.map((entry) => `${entry.field}: ${entry.message}`);
  }
  return [];
}

describe("the manifest of a worker", () => {
  it("of this installation names our own worker", () => {
    const { command, engine } = readWorkerManifest(installation.workerManifest, installation);
    assert.equal(engine, "llama.cpp");
    assert.deepEqual(command, [process.execPath, installation.programs["llm-worker-rbee"]]);
  });

  it("finds files beside it, and leaves other words alone", () => {
    const path = write('{"name":"x","engine":"y","command":["node","./worker.js","--flag"]}');
    const { command } = readWorkerManifest(path, installation);
    assert.deepEqual(command, ["node", join(folder, "worker.js"), "--flag"]);
  });

  it("is refused with its name and what is wrong with it", () => {
    assert.match(fieldsOf(write("{"))[0] ?? "", /not valid JSON/);
    assert.match(fieldsOf(join(folder, "absent.json"))[0] ?? "", /cannot be read/);
    assert.match(fieldsOf(write('{"name":"x","engine":"y"}'))[0] ?? "", /exactly one of/);
    assert.ok(fieldsOf(write('{"name":"","command":[]}')).length >= 3);
  });
});
