// A real hive that downloads from a real HTTP server, is killed, and begins anew.
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { PullEvent } from "@rbee/contract";
import { createBox, eventually, startHub, writeSplitLlamaModel } from "@rbee/testkit";
import type { Box, Hub } from "@rbee/testkit";

const reference = "hf:bees/hello";
const fileName = "hello-bee-3m-q8_0.gguf";

const small = {
  name: "split",
  layers: 2,
  width: 256,
  heads: 8,
  feedForwardWidth: 512,
  vocabularySize: 2048,
  contextLength: 512,
  isTied: true,
  weightType: "Q8_0",
  fileType: 7,
} as const;

let hub: Hub;
let box: Box;
let source: string;

before(async () => {
  hub = await startHub();
});
after(() => hub.close());
beforeEach(async () => {
  box = await createBox({ settings: { hive: { hub_endpoint: hub.url } } });
  source = join(box.installation.models, "hello-bee", fileName);
  await hub.publish({ name: "bees/hello", files: { [fileName]: { path: source } } });
  hub.faults.clear();
  hub.counters.clear();
  await box.startHiveAsOperator();
});
afterEach(() => box.close());

async function startDownload(): Promise<string> {
  const body = { model_ref: reference };
  return (await box.hive().call("downloadModel", { body })).download_id;
}

async function follow(id: string): Promise<readonly PullEvent[]> {
  const events: PullEvent[] = [];
  for await (const event of await box.hive().stream("downloadProgress", { query: { id } })) {
    events.push(event);
  }
  return events;
}

function modelPath(): string {
  return join(box.home, ".local/share/rbee/models/bees/hello", fileName);
}

function stagesOf(events: readonly PullEvent[]): readonly string[] {
  return [
    ...new Set(events.map((event) => (event.type === "progress" ? event.stage : event.type))),
  ];
}

describe("a hive and the hub", () => {
  it("tells of a download over HTTP from its beginning to the row in the catalogue", async () => {
    const events = await follow(await startDownload());
    assert.deepEqual(stagesOf(events), [
      "narration",
      "downloading",
      "verifying",
      "complete",
      "done",
    ]);
    const last = events.at(-1);
    assert.ok(last?.type === "done");
    assert.deepEqual(
      [last.model.provider, last.model.reference, last.model.variant, last.model.local_path],
      ["hf", reference, "Q8_0", modelPath()],
    );
    assert.ok(readFileSync(modelPath()).equals(readFileSync(source)));
    assert.equal(await startDownload(), "cached");
  });

  it("goes on where it was after it was killed", async () => {
    hub.faults.add([{ kind: "slow", bytesPerSecond: 1_500_000 }]);
    await startDownload();
    const partial = `${modelPath()}.partial`;
    await eventually(() => existsSync(partial) && statSync(partial).size >= 1_048_576);
    box.signal(box.hivePid() ?? 0, "SIGKILL");
    await eventually(() => box.processes().every(({ program }) => program !== "rbee-hive"));
    const { size } = statSync(partial);
    await box.startHiveAsOperator();
    const events = await follow(await startDownload());
    assert.equal(events.at(-1)?.type, "done");
    assert.deepEqual(
      hub.counters.ranges().map(([from]) => from),
      [size],
    );
    assert.ok(readFileSync(modelPath()).equals(readFileSync(source)));
  });

  it("knows its models again when the catalogue is lost, and forgets those whose file is", async () => {
    await follow(await startDownload());
    box.signal(box.hivePid() ?? 0, "SIGTERM");
    await eventually(() => box.processes().every(({ program }) => program !== "rbee-hive"));
    rmSync(join(box.rbeeHome, "models.db"));
    hub.counters.clear();
    await box.startHiveAsOperator();
    const listed = async () =>
      (await box.hive().call("listModels")).models
        .filter(({ provider }) => provider !== "bundled")
        .map((model) => [model.provider, model.reference]);
    assert.deepEqual(await listed(), [["hf", reference]]);
    assert.deepEqual(hub.counters.served(), []);
    rmSync(modelPath());
    assert.deepEqual(await listed(), []);
  });

  it("loads a split model from its parts, and counts their sizes together", async () => {
    const paths = await writeSplitLlamaModel(join(box.root, "split-Q8_0"), small, {
      tokenizerModel: source,
      partCount: 3,
    });
    const files = Object.fromEntries(paths.map((path) => [basename(path), { path }]));
    await hub.publish({ name: "bees/split", files });
    const body = { model_ref: "hf:bees/split", slots: 1, context: 256 };
    const { worker_id: id } = await box.hive().call("spawnWorker", { body });
    const events = [];
    for await (const event of await box.hive().stream("workerEvents", { params: { id } })) {
      events.push(event);
    }
    assert.equal(events.at(-1)?.type, "done", JSON.stringify(events.at(-1)));
    const { models } = await box.hive().call("listModels");
    const model = models.find(({ reference: text }) => text === body.model_ref);
    const sizes = paths.map((path) => statSync(path).size);
    assert.equal(model?.size_bytes, sizes[0]! + sizes[1]! + sizes[2]!);
    assert.equal(model.id, "split-q8_0");
    assert.match(model.local_path, /split-Q8_0-00001-of-00003\.gguf$/);
    const checks = [];
    for await (const event of await box.hive().stream("verifyModels", { body: {} })) {
      if (event.type === "result" && event.reference === body.model_ref) checks.push(event.ok);
    }
    assert.deepEqual(checks, [true]);
  });

  it("deletes what it downloaded, and says what is wrong with what changed", async () => {
    await follow(await startDownload());
    const options = { params: { id: reference } };
    const { freed_bytes: freed, file_kept: isKept } = await box.hive().call("deleteModel", options);
    assert.deepEqual([freed, isKept], [statSync(source).size, false]);
    assert.equal(existsSync(dirname(dirname(modelPath()))), false);
    hub.faults.add([{ kind: "corrupt", atShare: 0.5, times: 2 }]);
    await assert.rejects(
      async () => {
        for (const event of await follow(await startDownload())) {
          if (event.type === "error") throw new RbeeError(event.error.code as never, {} as never);
        }
      },
      (error) => RbeeError.is(error, "CHECKSUM_MISMATCH"),
    );
    assert.deepEqual(
      (await box.hive().call("listModels")).models.map(({ id }) => id),
      ["hello-bee-3m-q8_0"],
    );
  });
});
