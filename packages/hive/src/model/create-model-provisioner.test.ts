// The provider of `hf:` here is a port whose downloads end when the test says so; files, headers and
// database are real.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { parseModelReference, RbeeError } from "@rbee/contract";
import type { ModelReference, ProgressEvent } from "@rbee/contract";
import type { ModelProvisioner, ModelStore, ProvisionOptions } from "../ports.ts";
import { eventually } from "@rbee/testkit";
import { openModelStore } from "../store/open-model-store.ts";
import { createBundledProvider } from "./create-bundled-provider.ts";
import { createFileProvider } from "./create-file-provider.ts";
import { createModelProvisioner } from "./create-model-provisioner.ts";
import { collectAll, makeFolder, weights, writeModel } from "./model-files-fixture.ts";
import type { FetchedModel, FetchOptions, ModelProvider } from "./model-provider.ts";

const bundledModels = join(import.meta.dirname, "../../../../models");
const never = new AbortController().signal;

class ScriptedHub implements ModelProvider<"hf"> {
  readonly runs: { options: FetchOptions; end: PromiseWithResolvers<FetchedModel> }[] = [];
  readonly needsDownload = async () => true;
  readonly listPresent = async () => [];

  async fetch(_reference: ModelReference, options: FetchOptions): Promise<FetchedModel> {
    const end = Promise.withResolvers<FetchedModel>();
    this.runs.push({ options, end });
    options.signal.addEventListener("abort", () => end.reject(options.signal.reason as Error));
    return await end.promise;
  }
}

let folder: ReturnType<typeof makeFolder>;
let store: ModelStore;
let hub: ScriptedHub;
let provisioner: ModelProvisioner;
let background: string[];

beforeEach(() => {
  folder = makeFolder();
  ({ store } = openModelStore(join(folder.path, "models.db")));
  hub = new ScriptedHub();
  background = [];
  provisioner = open();
});
afterEach(() => {
  store.close();
  folder.remove();
});

function open(): ModelProvisioner {
  return createModelProvisioner({
    store,
    providers: {
      bundled: createBundledProvider(bundledModels),
      file: createFileProvider(folder.path),
      hf: hub,
    },
    openNarrator: (emit) => (line) => {
      if (emit === undefined) background.push(line.human);
      const { actor = "model-provisioner", level = "info" } = line;
      emit?.({ ...line, type: "narration", actor, level });
    },
    populate: async () => {},
    nowUnix: () => 1000,
    downloads: { begun() {}, received() {}, ended() {} },
  });
}

function referenceOf(text: string): ModelReference {
  const reference = parseModelReference(text);
  assert.ok(reference !== undefined);
  return reference;
}

function listen(signal: AbortSignal = never) {
  const heard: string[] = [];
  const options: ProvisionOptions = {
    narrate: (line) => heard.push(line.action),
    onProgress: (progress) => heard.push(progress.stage),
    signal,
  };
  return { heard, options };
}

function downloading(bytes: number): ProgressEvent {
  return {
    type: "progress",
    stage: "downloading",
    bytes_downloaded: bytes,
    bytes_total: 100,
    speed_mbps: 1,
    eta_seconds: null,
  };
}

async function fetchBegun(count: number): Promise<ScriptedHub["runs"][number]> {
  await eventually(() => hub.runs.length >= count);
  const run = hub.runs.at(-1);
  assert.ok(run !== undefined);
  return run;
}

const remote = referenceOf("hf:org/repo:Q4_K_M");

describe("the provisioner with local models", () => {
  it("registers hello-bee at the first request and finds it at the next", async () => {
    const first = listen();
    const model = await provisioner.provision(referenceOf("hello-bee"), first.options);
    assert.deepEqual(first.heard, ["model-registered"]);
    assert.deepEqual(
      [model.id, model.provider, model.sizeBytes, model.downloadedAtUnix],
      ["hello-bee-3m-q8_0", "bundled", 3_078_400, 1000],
    );
    assert.match(model.digest ?? "", /^11400e1d/);
    const second = listen();
    assert.deepEqual(
      await provisioner.provision(referenceOf("hello-bee"), second.options),
      store.find("hello-bee"),
    );
    assert.deepEqual(second.heard, ["catalogue-hit"]);
  });

  it("uses a person's file where it is", async () => {
    const path = join(folder.path, "Mine.gguf");
    writeModel(path);
    const reference = referenceOf(`file://${path}`);
    assert.equal(await provisioner.needsDownload(reference), false);
    const model = await provisioner.provision(reference, listen().options);
    assert.deepEqual([model.id, model.localPath], ["mine", path]);
  });

  it("gives a second model of the same name an id with a digest", async () => {
    const digestOf = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 6);
    const ids = [];
    for (const name of ["same.gguf", "SAME.GGUF"]) {
      const path = join(folder.path, name);
      writeModel(path);
      const { id } = await provisioner.provision(referenceOf(`file:${path}`), listen().options);
      ids.push(id);
    }
    const second = digestOf(`file:${join(folder.path, "SAME.GGUF")}`);
    assert.deepEqual(ids, ["same", `same-${second}`]);
  });

  it("reads a file again that was changed, and keeps its id and use", async () => {
    const path = join(folder.path, "changing.gguf");
    const reference = referenceOf(`file:${path}`);
    writeModel(path);
    const before = await provisioner.provision(reference, listen().options);
    store.markUsed(before.id, 5);
    writeModel(path, { tensors: [weights, { ...weights, name: "more" }] });
    const after = await provisioner.provision(reference, listen().options);
    assert.equal(after.parameters, 2 * (before.parameters ?? 0));
    assert.deepEqual([after.id, after.useCount], [before.id, 1]);
    utimesSync(path, 1, 1);
    const touched = listen();
    await provisioner.provision(reference, touched.options);
    assert.deepEqual(touched.heard, ["model-registered"]);
  });

  it("takes a row for a miss when its file is gone", async () => {
    const path = join(folder.path, "gone.gguf");
    const reference = referenceOf(`file:${path}`);
    writeModel(path);
    await provisioner.provision(reference, listen().options);
    rmSync(path);
    await assert.rejects(provisioner.provision(reference, listen().options), (error) =>
      RbeeError.is(error, "MODEL_NOT_FOUND"),
    );
  });

  it("reads the bundled model of this copy of rbee, not that of another one", async () => {
    const path = join(folder.path, "hello-bee-3m-q8_0.gguf");
    writeModel(path);
    const row = await provisioner.provision(referenceOf("hello-bee"), listen().options);
    store.put({ ...row, localPath: path, modifiedAtMs: 0 });
    const model = await provisioner.provision(referenceOf("hello-bee"), listen().options);
    assert.ok(model.localPath.startsWith(bundledModels));
  });

  it("answers startDownload for a local file with the registered model", async () => {
    const { downloadId, model } = await provisioner.startDownload(referenceOf("hello-bee"));
    assert.equal(downloadId, "cached");
    assert.equal(model?.id, "hello-bee-3m-q8_0");
  });
});

describe("the provisioner with a download", () => {
  const arrive = (run: ScriptedHub["runs"][number]) => {
    const path = join(folder.path, "arrived-Q4_K_M.gguf");
    writeModel(path);
    run.end.resolve({ path, variant: "Q4_K_M", digest: null });
  };

  it("fetches once for all who ask, and tells latecomers the current state", async () => {
    const first = listen();
    const one = provisioner.provision(remote, first.options);
    const { options } = await fetchBegun(1);
    options.narrate({ action: "download-start", human: "starts" });
    options.onProgress(downloading(40));
    const second = listen();
    const other = provisioner.provision(remote, second.options);
    options.onProgress(downloading(80));
    arrive(await fetchBegun(1));
    assert.deepEqual(await one, await other);
    assert.equal(hub.runs.length, 1);
    assert.deepEqual(first.heard, [
      "download-start",
      "downloading",
      "downloading",
      "model-registered",
    ]);
    assert.deepEqual(second.heard, ["downloading", "downloading", "model-registered"]);
    assert.equal(store.find(remote.text)?.variant, "Q4_K_M");
    assert.equal(await provisioner.needsDownload(remote), false);
  });

  it("goes on when one of two stops waiting, and ends with the last", async () => {
    const impatient = new AbortController();
    const patient = new AbortController();
    const one = provisioner.provision(remote, listen(impatient.signal).options);
    const other = provisioner.provision(remote, listen(patient.signal).options);
    const { options } = await fetchBegun(1);
    impatient.abort(new Error("had enough"));
    await assert.rejects(one, { message: "had enough" });
    assert.equal(options.signal.aborted, false);
    patient.abort(new Error("me too"));
    await assert.rejects(other, { message: "me too" });
    assert.equal(options.signal.aborted, true);
  });

  it("does not join one that was given up", async () => {
    const impatient = new AbortController();
    const given = provisioner.provision(remote, listen(impatient.signal).options);
    await fetchBegun(1);
    impatient.abort(new Error("had enough"));
    await assert.rejects(given, { message: "had enough" });
    const next = provisioner.provision(remote, listen().options);
    arrive(await fetchBegun(2));
    assert.equal((await next).variant, "Q4_K_M");
  });

  it("hands a failure to everybody and starts anew at the next request", async () => {
    const failure = new RbeeError("DOWNLOAD_TIMEOUT", {
      model: remote.text,
      attempts: 6,
      stall_seconds: 60,
      bytes_downloaded: 1,
      bytes_total: 2,
    });
    const attempts = [1, 2].map(() => provisioner.provision(remote, listen().options));
    (await fetchBegun(1)).end.reject(failure);
    for (const attempt of attempts) await assert.rejects(attempt, failure);
    const again = provisioner.provision(remote, listen().options);
    arrive(await fetchBegun(2));
    await again;
  });

  it("goes on in the background, and tells whoever comes first all of it", async () => {
    const { downloadId } = await provisioner.startDownload(remote);
    assert.equal((await provisioner.startDownload(remote)).downloadId, downloadId);
    const run = await fetchBegun(1);
    run.options.narrate({ action: "download-start", human: "it starts" });
    run.options.onProgress(downloading(10));
    run.options.onProgress(downloading(40));
    assert.deepEqual(background, ["it starts"]);
    const watching = collect(downloadId);
    arrive(run);
    const seen = await watching;
    assert.deepEqual(
      seen.map(({ type }) => type),
      ["narration", "progress", "narration", "done"],
    );
    assert.deepEqual(seen[1], downloading(40));
    const late = await collect(downloadId);
    assert.deepEqual(
      late.map(({ type }) => type),
      ["progress", "done"],
    );
  });

  it("ends with the last who watches it", async () => {
    const { downloadId } = await provisioner.startDownload(remote);
    const run = await fetchBegun(1);
    run.options.onProgress(downloading(40));
    const watchers = [new AbortController(), new AbortController()].map((leave) => {
      const events = provisioner.watchDownload(downloadId, leave.signal);
      return { leave, events: events[Symbol.asyncIterator]() };
    });
    for (const { events } of watchers)
      assert.deepEqual((await events.next()).value, downloading(40));
    for (const { leave, events } of watchers) {
      assert.equal(run.options.signal.aborted, false);
      leave.abort(new Error("closed"));
      await assert.rejects(async () => await events.next(), { message: "closed" });
    }
    assert.equal(run.options.signal.aborted, true);
  });

  it("throws what a watched download failed with", async () => {
    const { downloadId } = await provisioner.startDownload(remote);
    const watching = collect(downloadId);
    (await fetchBegun(1)).end.reject(new Error("no route"));
    await assert.rejects(watching, { message: "no route" });
  });

  it("knows no download of another id", () => {
    assert.throws(
      () => provisioner.watchDownload("nothing", never),
      (error) => RbeeError.is(error, "MODEL_NOT_FOUND"),
    );
  });

  async function collect(downloadId: string) {
    return await collectAll(provisioner.watchDownload(downloadId, never));
  }
});
