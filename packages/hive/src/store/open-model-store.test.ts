import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { buildModel } from "../domain/fit-fixture.ts";
import type { StoredModel } from "../ports.ts";
import { openModelStore } from "./open-model-store.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rbee-store-"));
  path = join(folder, "deep", "models.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function buildRow(changes: Partial<StoredModel> = {}): StoredModel {
  return { ...buildModel(), modifiedAtMs: 1, ...changes };
}

function fillStore(count: number): void {
  const { store } = openModelStore(path);
  for (let index = 0; index < count; index += 1) {
    store.put(buildRow({ id: `model-${index}`, reference: `file:/models/${index}.gguf` }));
  }
  store.close();
}

describe("the model store", () => {
  it("learns what workers took also in a file of a rbee that did not measure", () => {
    fillStore(2);
    const old = new DatabaseSync(path);
    old.exec("DROP TABLE measured_memory; PRAGMA user_version = 1");
    old.close();
    const { store } = openModelStore(path);
    assert.equal(store.list().length, 2);
    const model = { id: "model-0", sizeBytes: 10 };
    const seen = { model, backend: "cpu", slots: 1, context: 2048, atUnix: 1 } as const;
    store.noteMeasured({ ...seen, bytes: 500, isNewLoad: true, isNewUse: false });
    store.noteMeasured({ ...seen, bytes: 400, isNewLoad: false, isNewUse: true });
    const kept = { backend: "cpu", slots: 1, context: 2048, bytes: 500, loads: 1, uses: 1 };
    assert.deepEqual(store.listMeasured(model), [kept]);
    // Of another file under that name nothing is known, and what it takes replaces the old figure.
    const other = { id: "model-0", sizeBytes: 20 };
    assert.deepEqual(store.listMeasured(other), []);
    store.noteMeasured({ ...seen, model: other, bytes: 90, isNewLoad: true, isNewUse: false });
    assert.deepEqual(store.listMeasured(other), [{ ...kept, bytes: 90, uses: 0 }]);
    store.close();
  });

  it("keeps every field of a model over a restart", () => {
    const full = buildRow({
      variant: "Q8_0",
      digest: "ab",
      shape: {
        layers: 2,
        embeddingLength: 64,
        heads: 4,
        keyValueHeads: 1.5,
        keyLength: 16,
        valueLength: 16,
      },
      lastUsedUnix: 7,
      useCount: 3,
    });
    const bare = buildRow({
      id: "bare",
      reference: "file:/bare.gguf",
      architecture: null,
      quantization: null,
      parameters: null,
      contextLength: null,
      vocabularySize: null,
      eosTokenId: null,
      hasChatTemplate: false,
    });
    const first = openModelStore(path);
    assert.equal(first.isNew, true);
    first.store.put(full);
    first.store.put(bare);
    first.store.close();
    const second = openModelStore(path);
    assert.equal(second.isNew, false);
    assert.deepEqual(second.store.list(), [bare, full]);
    assert.deepEqual(second.store.find("model"), full);
    assert.deepEqual(second.store.find("file:/bare.gguf"), bare);
    assert.equal(second.store.find("unknown"), undefined);
    second.store.close();
  });

  it("has one row for each provider, reference and variant", () => {
    const { store } = openModelStore(path);
    store.put(buildRow({ id: "one" }));
    assert.throws(() => store.put(buildRow({ id: "two" })), /UNIQUE/);
    store.put(buildRow({ id: "two", variant: "Q8_0" }));
    assert.equal(store.list().length, 2);
    store.close();
  });

  it("counts uses, and finds the variant of a reference that was used last", () => {
    const { store } = openModelStore(path);
    store.put(buildRow({ id: "one" }));
    store.put(buildRow({ id: "two", variant: "Q8_0" }));
    store.markUsed("one", 100);
    store.markUsed("two", 200);
    store.markUsed("one", 300);
    store.markUsed("unknown", 400);
    const found = store.find(buildRow().reference);
    assert.deepEqual([found?.id, found?.useCount, found?.lastUsedUnix], ["one", 2, 300]);
    store.remove("one");
    assert.equal(store.find(buildRow().reference)?.id, "two");
    store.close();
  });

  it("uses write-ahead logging and writes down its schema version", () => {
    openModelStore(path).store.close();
    const database = new DatabaseSync(path);
    assert.deepEqual({ ...database.prepare("PRAGMA journal_mode").get() }, { journal_mode: "wal" });
    assert.deepEqual({ ...database.prepare("PRAGMA user_version").get() }, { user_version: 2 });
    database.close();
  });

  it("leaves a database alone that a newer rbee has written", () => {
    openModelStore(path).store.close();
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 99");
    database.close();
    const before = readFileSync(path);
    assert.throws(
      () => openModelStore(path),
      (error: Error) => /newer/.test(String(error.cause)),
    );
    assert.deepEqual(readFileSync(path), before);
  });

  it("sets a file aside that is no database, and begins anew", () => {
    fillStore(1);
    writeFileSync(path, "this is not a database, and it is long enough to be looked at");
    const opened = openModelStore(path);
    assert.equal(opened.backupPath, `${path}.corrupt.backup`);
    assert.equal(opened.isNew, true);
    assert.deepEqual(opened.store.list(), []);
    opened.store.close();
    assert.match(readFileSync(`${path}.corrupt.backup`, "utf8"), /^this is not a database/);
  });

  it("notices a database that was cut in the middle or scribbled over", () => {
    fillStore(500);
    truncateSync(path, 20_000);
    const cut = openModelStore(path);
    assert.equal(cut.backupPath, `${path}.corrupt.backup`);
    cut.store.close();
    fillStore(500);
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 8192, 16_384);
    writeFileSync(path, bytes);
    const scribbled = openModelStore(path);
    assert.equal(scribbled.backupPath, `${path}.corrupt.backup.2`);
    scribbled.store.close();
    assert.ok(existsSync(`${path}.corrupt.backup`));
  });

  it("throws instead of answering an empty list when the database fails", () => {
    const { store } = openModelStore(path);
    store.close();
    assert.throws(() => store.list());
    assert.throws(() => store.find("model"));
  });

  it("says which file cannot be opened", () => {
    mkdirSync(path, { recursive: true });
    assert.throws(() => openModelStore(path), { message: `${path} cannot be opened` });
  });
});
