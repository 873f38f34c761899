// A real provider against a real HTTP server that behaves like the hub; files are real GGUF files.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { parseModelReference, RbeeError } from "@rbee/contract";
import type { ErrorCode, ModelReference, ProgressEvent } from "@rbee/contract";
import { startHub } from "@rbee/testkit";
import type { Hub } from "@rbee/testkit";
import type { ModelStore } from "../ports.ts";
import { openModelStore } from "../store/open-model-store.ts";
import { createHubProvider } from "./create-hub-provider.ts";
import type { HubWorld } from "./create-hub-provider.ts";
import { makeFolder, writeModel } from "./model-files-fixture.ts";
import type { FetchOptions } from "./model-provider.ts";

const never = new AbortController().signal;
const token = "hf_ofSomebodyWhoMayRead";
type HubReference = Extract<ModelReference, { provider: "hf" }>;

let source: ReturnType<typeof makeFolder>;
let folder: ReturnType<typeof makeFolder>;
let hub: Hub;
let store: ModelStore;
let bytes: Buffer;

before(async () => {
  source = makeFolder();
  const path = join(source.path, "bee.gguf");
  // Two megabytes: enough for more than one read of a socket.
  writeModel(path, {
    tensors: [{ name: "token_embd.weight", dimensions: [4096, 900], type: "Q4_K", fill: "random" }],
  });
  bytes = readFileSync(path);
  hub = await startHub({ pageSize: 2, otherTokens: ["hf_ofSomebodyElse"] });
  const files = {
    "README.md": { text: "# Bees" },
    "bee-Q4_K_M.gguf": { path },
    "bee-Q8_0.gguf": { path },
    "split/bee-F16-00001-of-00002.gguf": { path },
    "split/bee-F16-00002-of-00002.gguf": { path },
  };
  await hub.publish({ name: "bees/open", files });
  await hub.publish({ name: "bees/gated", files, access: "gated", tokens: [token] });
  await hub.publish({ name: "bees/private", files, access: "private", tokens: [token] });
  await hub.publish({ name: "bees/none", files: { "README.md": { text: "nothing" } } });
});
after(async () => {
  await hub.close();
  source.remove();
});
beforeEach(() => {
  folder = makeFolder();
  ({ store } = openModelStore(join(folder.path, "models.db")));
  hub.faults.clear();
  hub.counters.clear();
});
afterEach(() => {
  store.close();
  folder.remove();
});

function open(changes: Partial<HubWorld> & { token?: string } = {}) {
  return createHubProvider({
    node: "mac",
    store,
    modelsFolder: join(folder.path, "models"),
    readFreeBytes: async () => 1e12,
    limitBytes: () => undefined,
    access: () => ({ endpoint: hub.url, token: changes.token, proxies: {} }),
    // Only a test of a silent line waits for it; a loaded machine is no silent line.
    stallMs: () => 10_000,
    ...changes,
  });
}

function referenceOf(text: string): HubReference {
  const reference = parseModelReference(text);
  assert.ok(reference?.provider === "hf");
  return reference;
}

function listen(signal: AbortSignal = never) {
  const events: ProgressEvent[] = [];
  const told: string[] = [];
  const options: FetchOptions = {
    narrate: ({ action, human }) => told.push(`${action}: ${human}`),
    onProgress: (event) => events.push(event),
    signal,
  };
  return { events, told, options };
}

const main = referenceOf("hf:bees/open");
const modelPath = (name: string) => join(folder.path, "models/bees/open", name);

async function assertCode(promise: Promise<unknown>, code: ErrorCode): Promise<RbeeError> {
  const error: unknown = await promise.then(
    () => assert.fail(`${code} is expected`),
    (reason: unknown) => reason,
  );
  assert.ok(RbeeError.is(error), String(error));
  assert.equal(error.code, code, JSON.stringify(error.details));
  return error;
}

describe("the hub's provider", () => {
  it("downloads the preferred quantisation and tells how far it is", async () => {
    const { events, told, options } = listen();
    const provider = open();
    assert.equal(await provider.needsDownload(main), true);
    const fetched = await provider.fetch(main, options);
    const path = modelPath("bee-Q4_K_M.gguf");
    const digest = createHash("sha256").update(bytes).digest("hex");
    assert.deepEqual(fetched, { path, variant: "Q4_K_M", digest });
    assert.ok(readFileSync(path).equals(bytes));
    assert.equal(existsSync(`${path}.partial`), false);
    const stages = events.map(({ stage }) => stage);
    assert.deepEqual([...new Set(stages)], ["downloading", "verifying", "complete"]);
    const [first] = events;
    const last = events.findLast(({ stage }) => stage === "downloading");
    assert.ok(first?.stage === "downloading" && last?.stage === "downloading");
    assert.deepEqual([first.bytes_downloaded, first.bytes_total], [0, bytes.length]);
    assert.equal(last.bytes_downloaded, bytes.length);
    assert.deepEqual(
      told.map((line) => line.split(":")[0]),
      ["hub-lookup", "download-start", "download-done"],
    );
    assert.equal(await provider.needsDownload(main), false);
  });

  it("takes the quantisation or the file that was asked for, and names what there is", async () => {
    const provider = open();
    const eight = await provider.fetch(referenceOf("hf:bees/open:Q8_0"), listen().options);
    assert.equal(eight.path, modelPath("bee-Q8_0.gguf"));
    const named = referenceOf("hf:bees/open/bee-Q4_K_M.gguf");
    assert.equal((await provider.fetch(named, listen().options)).variant, "Q4_K_M");
    const absent = provider.fetch(referenceOf("hf:bees/open:Q5_K_M"), listen().options);
    const error = await assertCode(absent, "MODEL_NOT_FOUND");
    assert.deepEqual((error.details as { candidates: string[] }).candidates, [
      "bee-Q4_K_M.gguf",
      "bee-Q8_0.gguf",
      "split/bee-F16-00001-of-00002.gguf",
    ]);
    const none = provider.fetch(referenceOf("hf:bees/none"), listen().options);
    await assertCode(none, "MODEL_NOT_FOUND");
  });

  it("takes all parts of a split model, and its size is that of all", async () => {
    const { events, options } = listen();
    const { path, variant } = await open().fetch(referenceOf("hf:bees/open:F16"), options);
    assert.equal(path, modelPath("split/bee-F16-00001-of-00002.gguf"));
    assert.equal(variant, "F16");
    assert.equal(statSync(modelPath("split/bee-F16-00002-of-00002.gguf")).size, bytes.length);
    const totals = events.flatMap((event) =>
      event.stage === "downloading" ? [event.bytes_total] : [],
    );
    assert.deepEqual([...new Set(totals)], [bytes.length * 2]);
  });

  it("goes on at the very byte where the line broke, 100 ms later", async () => {
    hub.faults.add([{ kind: "reset", atShare: 0.4 }]);
    const { events, told, options } = listen();
    await open().fetch(main, options);
    const place = Math.floor(bytes.length * 0.4);
    assert.deepEqual(hub.counters.ranges(), [[place, bytes.length - 1]]);
    const index = events.findIndex(({ stage }) => stage === "retrying");
    assert.deepEqual(events[index], {
      type: "progress",
      stage: "retrying",
      attempt: 2,
      of: 6,
      delay_ms: 100,
      reason: "the connection was reset",
    });
    const before = events[index - 1];
    assert.ok(before?.stage === "downloading");
    assert.equal(before.bytes_downloaded, place);
    assert.match(told.join("\n"), /download-retry: \S+ broke off at 0.\d MB: the connection/);
    assert.ok(readFileSync(modelPath("bee-Q4_K_M.gguf")).equals(bytes));
  });

  it("gives up after six attempts, and the next run goes on where they ended", async () => {
    hub.faults.add([{ kind: "reset", atShare: 0.4, times: 6 }]);
    const { events, options } = listen();
    const place = Math.floor(bytes.length * 0.4);
    const error = await assertCode(open().fetch(main, options), "DOWNLOAD_FAILED");
    assert.deepEqual(error.details, {
      model: "hf:bees/open",
      attempts: 6,
      cause: "the connection was reset",
      bytes_downloaded: place,
      bytes_total: bytes.length,
    });
    const delays = events.flatMap((event) => (event.stage === "retrying" ? [event.delay_ms] : []));
    assert.deepEqual(delays, [100, 200, 400, 800, 1600]);
    hub.counters.clear();
    const again = listen();
    await open().fetch(main, again.options);
    assert.deepEqual(hub.counters.ranges(), [[place, bytes.length - 1]]);
    assert.match(again.told.join("\n"), /download-resume/);
    assert.ok(readFileSync(modelPath("bee-Q4_K_M.gguf")).equals(bytes));
  });

  it("starts anew when the file at the hub is another one by now", async () => {
    const path = join(source.path, "changing.gguf");
    writeFileSync(path, bytes.subarray(0, 1_000_000));
    const publish = () => hub.publish({ name: "bees/changing", files: { "bee.gguf": { path } } });
    await publish();
    hub.faults.add([{ kind: "reset", atShare: 0.5, times: 6 }]);
    const reference = referenceOf("hf:bees/changing");
    await assertCode(open().fetch(reference, listen().options), "DOWNLOAD_FAILED");
    writeFileSync(path, bytes.subarray(1000));
    await publish();
    hub.counters.clear();
    const fetched = await open().fetch(reference, listen().options);
    assert.deepEqual(hub.counters.ranges(), []);
    assert.ok(readFileSync(fetched.path).equals(bytes.subarray(1000)));
  });

  it("says where a line that is silent stalled", async () => {
    hub.faults.add([{ kind: "stall", atByte: 1000, times: 6 }]);
    const error = await assertCode(
      open({ stallMs: () => 100 }).fetch(main, listen().options),
      "DOWNLOAD_TIMEOUT",
    );
    const { stall_seconds, bytes_downloaded } = error.details as Record<string, number>;
    assert.deepEqual([stall_seconds, bytes_downloaded], [0.1, 1000]);
  });

  it("survives a short answer, an error of the CDN and a busy hub", async () => {
    hub.faults.add([
      { kind: "truncate", atShare: 0.1 },
      { kind: "status", status: 500 },
      { kind: "status", status: 429, on: "resolve" },
      { kind: "hang-up", on: "info" },
    ]);
    const { options } = listen();
    const { path } = await open().fetch(main, options);
    assert.ok(readFileSync(path).equals(bytes));
  });

  it("waits as long as a busy hub asks for", async () => {
    hub.faults.add([{ kind: "status", status: 429, retryAfterSeconds: 1 }]);
    const { events, options } = listen();
    await open().fetch(main, options);
    const retry = events.find(({ stage }) => stage === "retrying");
    assert.ok(retry?.stage === "retrying");
    assert.deepEqual([retry.delay_ms, retry.reason], [1000, "the hub answered 429"]);
  });

  it("drops wrong bytes and fetches them again, once", async () => {
    hub.faults.add([{ kind: "corrupt", atByte: 5000 }]);
    const { told, options } = listen();
    const { path } = await open().fetch(main, options);
    assert.ok(readFileSync(path).equals(bytes));
    assert.match(told.join("\n"), /download-wrong/);
    hub.faults.add([{ kind: "corrupt", atByte: 5000, times: 2 }]);
    const eight = referenceOf("hf:bees/open:Q8_0");
    await assertCode(open().fetch(eight, listen().options), "CHECKSUM_MISMATCH");
    assert.equal(existsSync(modelPath("bee-Q8_0.gguf")), false);
    assert.equal(statSync(modelPath("bee-Q8_0.gguf.partial")).size, 0);
  });

  it("fetches a wrong part of an earlier run again", async () => {
    const path = modelPath("bee-Q4_K_M.gguf.partial");
    hub.faults.add([{ kind: "reset", atShare: 0.4, times: 6 }]);
    await assertCode(open().fetch(main, listen().options), "DOWNLOAD_FAILED");
    writeFileSync(path, Buffer.alloc(statSync(path).size));
    const fetched = await open().fetch(main, listen().options);
    assert.ok(readFileSync(fetched.path).equals(bytes));
  });
});

describe("the hub's provider and who may have a model", () => {
  const reasonOf = async (name: string, key?: string) => {
    const provider = open(key === undefined ? {} : { token: key });
    const promise = provider.fetch(referenceOf(`hf:bees/${name}`), listen().options);
    const error: unknown = await promise.catch((reason: unknown) => reason);
    if (!RbeeError.is(error)) return "fetched";
    return RbeeError.is(error, "MODEL_ACCESS_DENIED") ? error.details.reason : error.code;
  };

  it("tells gated, private, missing and a wrong token apart, as far as the hub does", async () => {
    assert.equal(await reasonOf("gated"), "gated");
    assert.equal(await reasonOf("gated", "hf_ofSomebodyElse"), "gated");
    assert.equal(await reasonOf("private"), "unknown");
    assert.equal(await reasonOf("missing"), "unknown");
    assert.equal(await reasonOf("missing", token), "MODEL_NOT_FOUND");
    assert.equal(await reasonOf("open", "hf_ofNobody"), "token");
    assert.equal(await reasonOf("private", token), "fetched");
  });

  it("shows its token to the hub and never to the CDN", async () => {
    assert.equal(await reasonOf("gated", token), "fetched");
    assert.ok(hub.counters.served("resolve").every(({ hasToken }) => hasToken));
    assert.ok(hub.counters.served("content").length > 0);
    assert.ok(hub.counters.served("content").every(({ hasToken }) => !hasToken));
  });
});

describe("the hub's provider and the disk", () => {
  it("refuses what does not fit before a byte comes, by disk and by limit", async () => {
    const needed = Math.ceil(bytes.length / 1_048_576);
    for (const world of [{ readFreeBytes: async () => 1000 }, { limitBytes: () => 1000 }]) {
      const error = await assertCode(
        open(world).fetch(main, listen().options),
        "INSUFFICIENT_DISK",
      );
      assert.deepEqual(error.details, { node: "mac", required: needed, available: 0, largest: [] });
    }
    assert.equal(hub.counters.bytesSent, 0);
  });

  it("says so when the place for models cannot be written", async () => {
    const place = join(folder.path, "models");
    writeFileSync(place, "a file where a folder should be");
    await assertCode(open().fetch(main, listen().options), "PERMISSION_DENIED");
  });

  it("finds its models again without asking anybody, under every name they had", async () => {
    const provider = open();
    await provider.fetch(main, listen().options);
    await provider.fetch(referenceOf("hf:bees/open:Q4_K_M"), listen().options);
    hub.counters.clear();
    const references = (await open().listPresent()).map(({ text }) => text);
    assert.deepEqual(references, ["hf:bees/open", "hf:bees/open:Q4_K_M"]);
    const options = { ...listen().options, signal: AbortSignal.abort() };
    for (const text of [...references, "hf:bees/open/bee-Q4_K_M.gguf"]) {
      assert.equal((await open().fetch(referenceOf(text), options)).variant, "Q4_K_M");
    }
    assert.deepEqual(hub.counters.served(), []);
  });

  it("compares a file that was touched with the hub instead of fetching it", async () => {
    const { path } = await open().fetch(main, listen().options);
    writeFileSync(path, bytes);
    hub.counters.clear();
    await open().fetch(main, listen().options);
    assert.deepEqual(hub.counters.served("content"), []);
    writeFileSync(path, Buffer.alloc(bytes.length));
    await open().fetch(main, listen().options);
    assert.ok(readFileSync(path).equals(bytes));
  });

  it("deletes what it brought, and leaves what another name still means", async () => {
    const provider = open();
    const { path } = await provider.fetch(main, listen().options);
    await provider.fetch(referenceOf("hf:bees/open:Q4_K_M"), listen().options);
    const row = { localPath: path, reference: "hf:bees/open" } as never;
    assert.equal(await provider.deleteFiles?.(row, true), 0);
    assert.deepEqual(
      (await provider.listPresent()).map(({ text }) => text),
      ["hf:bees/open:Q4_K_M"],
    );
    assert.equal(await provider.deleteFiles?.(row, false), bytes.length);
    const eight = await provider.fetch(referenceOf("hf:bees/open:Q8_0"), listen().options);
    await provider.discard?.(eight.path);
    assert.equal(existsSync(join(folder.path, "models/bees")), false);
  });
});

describe("the hub's provider with several who wait", () => {
  it("downloads once what two references mean, and tells both", async () => {
    hub.faults.add([{ kind: "slow", bytesPerSecond: 4_000_000 }]);
    const provider = open();
    const [one, other] = [listen(), listen()];
    const fetched = await Promise.all([
      provider.fetch(main, one.options),
      provider.fetch(referenceOf("hf:bees/open:Q4_K_M"), other.options),
    ]);
    assert.equal(fetched[0].path, fetched[1].path);
    assert.equal(hub.counters.served("content").length, 1);
    for (const { events } of [one, other]) assert.equal(events.at(-1)?.stage, "complete");
    assert.equal((await provider.listPresent()).length, 2);
  });

  it("stops when nobody waits any more, and leaves what came for the next time", async () => {
    hub.faults.add([{ kind: "slow", bytesPerSecond: 1_000_000 }]);
    const leave = new AbortController();
    const { events, options } = listen(leave.signal);
    const onProgress = (event: ProgressEvent) => {
      events.push(event);
      if (event.stage === "downloading" && event.bytes_downloaded > 0) leave.abort();
    };
    const provider = open();
    await assert.rejects(provider.fetch(main, { ...options, onProgress }), { name: "AbortError" });
    const again = await provider.fetch(main, listen().options);
    const [range] = hub.counters.ranges();
    assert.ok(range !== undefined && range[0] > 0 && range[0] < bytes.length);
    assert.ok(readFileSync(again.path).equals(bytes));
  });
});
