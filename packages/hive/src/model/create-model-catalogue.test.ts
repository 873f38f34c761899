import assert from "node:assert/strict";
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { parseModelReference, RbeeError } from "@rbee/contract";
import type { CatalogueModel } from "../domain/catalogue-model.ts";
import type { ModelStore } from "../ports.ts";
import { openModelStore } from "../store/open-model-store.ts";
import { createBundledProvider } from "./create-bundled-provider.ts";
import { createFileProvider } from "./create-file-provider.ts";
import { createModelCatalogue } from "./create-model-catalogue.ts";
import { createPopulate } from "./create-populate.ts";
import {
  collectAll,
  createOfflineHub,
  makeFolder,
  weights,
  writeModel,
} from "./model-files-fixture.ts";
import type { ModelProvider, ModelProviders } from "./model-provider.ts";
import { registerModel } from "./register-model.ts";

const never = new AbortController().signal;
let folder: ReturnType<typeof makeFolder>;
let store: ModelStore;
let logged: { readonly line: unknown; readonly text: string }[];

beforeEach(() => {
  folder = makeFolder();
  ({ store } = openModelStore(join(folder.path, "models.db")));
  logged = [];
});
afterEach(() => {
  store.close();
  folder.remove();
});

interface Changes {
  readonly providers?: Partial<ModelProviders>;
  readonly isNew?: boolean;
  readonly backupPath?: string;
}

function openCatalogue({ providers, isNew = false, backupPath }: Changes = {}) {
  const log = (line: unknown, text: string) => logged.push({ line, text });
  const world = {
    store,
    providers: {
      file: createFileProvider(folder.path),
      bundled: createBundledProvider(join(folder.path, "none")),
      hf: createOfflineHub(store, folder.path),
      ...providers,
    },
  };
  const populate = createPopulate({
    ...world,
    logger: { warn: log, error: log } as never,
    nowUnix: () => 1000,
    isNew,
    ...(backupPath === undefined ? {} : { backupPath }),
  });
  return createModelCatalogue({ ...world, populate });
}

async function addModel(name: string, digest: string | null = null): Promise<CatalogueModel> {
  const path = join(folder.path, name);
  writeModel(path);
  const reference = parseModelReference(`file:${path}`);
  assert.ok(reference !== undefined);
  const fetched = { path, variant: null, digest };
  return await registerModel(store, { reference, fetched, nowUnix: 1000 });
}

describe("the catalogue", () => {
  it("finds a model by id and by reference, and counts its use", async () => {
    const { id, reference } = await addModel("a.gguf");
    const catalogue = openCatalogue();
    await catalogue.markUsed(id, 50);
    const found = await catalogue.find(reference);
    assert.deepEqual(found, await catalogue.find(id));
    assert.deepEqual([found?.useCount, found?.lastUsedUnix], [1, 50]);
    assert.equal(await catalogue.find("unknown"), undefined);
  });

  it("does not know a model whose file is gone", async () => {
    const { id, localPath } = await addModel("a.gguf");
    await addModel("b.gguf");
    rmSync(localPath);
    const catalogue = openCatalogue();
    assert.equal(await catalogue.find(id), undefined);
    assert.deepEqual(
      (await catalogue.list()).map((model) => model.id),
      ["b"],
    );
  });

  it("rejects instead of answering an empty list when the store fails", async () => {
    const catalogue = openCatalogue();
    store.close();
    await assert.rejects(catalogue.list());
    await assert.rejects(catalogue.find("a"));
    ({ store } = openModelStore(join(folder.path, "models.db")));
  });

  it("forgets a person's file and leaves it where it is", async () => {
    const { localPath } = await addModel("a.gguf");
    const catalogue = openCatalogue();
    const removal = await catalogue.remove("a");
    assert.deepEqual(removal, { id: "a", freedBytes: 0, isFileKept: true });
    assert.equal(await catalogue.find("a"), undefined);
    writeFileSync(localPath, "", { flag: "r+" });
    await assert.rejects(catalogue.remove("a"), (error) => RbeeError.is(error, "MODEL_NOT_FOUND"));
  });

  it("has the provider delete what is its own", async () => {
    const model = await addModel("a.gguf");
    const deleted: string[] = [];
    const provider: ModelProvider<"file"> = {
      ...createFileProvider(folder.path),
      async deleteFiles({ id }) {
        deleted.push(id);
        return model.sizeBytes;
      },
    };
    const removal = await openCatalogue({ providers: { file: provider } }).remove("a");
    assert.deepEqual(removal, { id: "a", freedBytes: model.sizeBytes, isFileKept: false });
    assert.deepEqual(deleted, ["a"]);
  });

  it("names what there is when it is asked to remove something else", async () => {
    await addModel("a.gguf");
    const error = await openCatalogue()
      .remove("b")
      .catch((caught: unknown) => caught);
    assert.ok(RbeeError.is(error, "MODEL_NOT_FOUND"));
    assert.deepEqual(error.details.candidates, ["a"]);
  });
});

describe("verifying the catalogue", () => {
  async function problemOf(name: string): Promise<string | null> {
    const [check] = await collectAll(openCatalogue().verify(name, never));
    assert.ok(check !== undefined);
    return check.problem;
  }

  it("says for each model whether its file is what the catalogue says", async () => {
    await addModel("good.gguf");
    const { localPath } = await addModel("longer.gguf");
    appendFileSync(localPath, "more");
    const checks = await collectAll(openCatalogue().verify(undefined, never));
    assert.deepEqual(
      checks.map(({ id, problem }) => [id, problem === null]),
      [
        ["good", true],
        ["longer", false],
      ],
    );
    assert.match(checks[1]?.problem ?? "", /has \d+ bytes, the catalogue says \d+/);
  });

  it("notices a file that is gone, cut, or another model", async () => {
    rmSync((await addModel("gone.gguf")).localPath);
    assert.equal(await problemOf("gone"), "the file is gone");
    writeFileSync((await addModel("cut.gguf")).localPath, "GGUF");
    assert.match((await problemOf("cut")) ?? "", /truncated/);
    const { localPath } = await addModel("other.gguf");
    writeModel(localPath, { tensors: [weights], metadata: { "general.file_type": 14 } });
    assert.equal(await problemOf("other"), "its quantization is Q4_K_S, the catalogue says Q4_K_M");
  });

  it("compares the digest where one is known", async () => {
    await addModel("known.gguf", "0000");
    assert.match((await problemOf("known")) ?? "", /its SHA-256 is [0-9a-f]{64}/);
  });

  it("throws for a model that is unknown, and stops when nobody listens", async () => {
    await addModel("a.gguf");
    await assert.rejects(problemOf("b"), (error) => RbeeError.is(error, "MODEL_NOT_FOUND"));
    const stopped = AbortSignal.abort(new Error("stopped"));
    const checks = collectAll(openCatalogue().verify(undefined, stopped));
    await assert.rejects(checks, { message: "stopped" });
  });
});

describe("a new catalogue", () => {
  it("learns what lies in the folder of models, and leaves out what is no model", async () => {
    writeModel(join(folder.path, "one.gguf"));
    writeFileSync(join(folder.path, "broken.gguf"), "not a model");
    for (const number of [1, 2]) writeModel(join(folder.path, `two-0000${number}-of-00002.gguf`));
    const catalogue = openCatalogue({ isNew: true });
    const [models] = await Promise.all([catalogue.list(), catalogue.find("one")]);
    assert.deepEqual(
      models.map(({ id }) => id),
      ["one", "two"],
    );
    assert.equal(logged.length, 1);
    assert.match(JSON.stringify(logged[0]), /broken/);
  });

  it("says what became of a corrupt one: where it is, and how much was found again", async () => {
    writeModel(join(folder.path, "one.gguf"));
    await openCatalogue({ isNew: true, backupPath: "/x/models.db.corrupt.backup" }).list();
    assert.deepEqual(logged, [
      {
        line: {
          actor: "model-provisioner",
          code: "CATALOG_CORRUPT",
          backup_path: "/x/models.db.corrupt.backup",
          rebuilt: 1,
        },
        text: "The model catalogue was corrupt; it was rebuilt from 1 files on disk.",
      },
    ]);
  });

  it("is not filled when it was there before", async () => {
    writeModel(join(folder.path, "one.gguf"));
    assert.deepEqual(await openCatalogue().list(), []);
  });

  it("manages without a folder of models", async () => {
    const providers = { file: createFileProvider(join(folder.path, "none")) };
    assert.deepEqual(await openCatalogue({ isNew: true, providers }).list(), []);
  });
});
