import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { backends } from "@rbee/contract";
import type { BackendName } from "@rbee/contract";
import * as fc from "fast-check";
import { buildDevices, buildFacts, buildGpu, buildHolding, buildModel } from "./fit-fixture.ts";
import { megabyte } from "./fit-fixture.ts";
import { fitModel } from "./fit-model.ts";

const fiveGigabytes = buildModel({ sizeBytes: 5000 * megabyte });
// 32 layers, 8 of 32 heads for keys and values: a slot of 8192 tokens takes 1024 MB.
const shape = {
  layers: 32,
  embeddingLength: 4096,
  heads: 32,
  keyValueHeads: 8,
  keyLength: 128,
  valueLength: 128,
};

function onRam(ramMb: number) {
  return buildFacts({ model: fiveGigabytes, devices: buildDevices({ ramMb }) });
}

describe("fitModel", () => {
  it("passes a model of 5000 MB with 8000 MB free and 6000 MB required", () => {
    const fit = fitModel(onRam(8000), {});
    assert.deepEqual(fit, {
      fits: true,
      backend: "cpu",
      device: 0,
      slots: 4,
      context: 8192,
      requiredMb: 6000,
      availableMb: 8000,
    });
  });

  it("refuses it with 4000 MB of plain RAM and says both figures as integers", () => {
    const fit = fitModel(onRam(4000), {});
    assert.deepEqual(fit, {
      fits: false,
      code: "INSUFFICIENT_RAM",
      details: {
        node: "mac",
        model: "file:/models/model.gguf",
        required: 6000,
        available: 4000,
        device: "cpu:0",
      },
    });
  });

  it("refuses it with 4000 MB of a named GPU as VRAM_EXHAUSTED", () => {
    const gpus = [buildGpu({ memoryFreeBytes: 4000 * megabyte })];
    const devices = buildDevices({ ramMb: 64_000, gpus });
    const fit = fitModel(buildFacts({ model: fiveGigabytes, devices }), { backend: "cuda" });
    assert.ok(!fit.fits && fit.code === "VRAM_EXHAUSTED");
    assert.equal(fit.details.required, 6000);
    assert.equal(fit.details.available, 4000);
    assert.equal(fit.details.device, "cuda:0");
  });

  it("refuses it with 4000 MB of unified memory as VRAM_EXHAUSTED though nobody named a backend", () => {
    const metal = buildGpu({ backend: "metal", hasUnifiedMemory: true });
    const devices = buildDevices({ ramMb: 4000, gpus: [metal] });
    const fit = fitModel(buildFacts({ model: fiveGigabytes, devices }), {});
    assert.ok(!fit.fits && fit.code === "VRAM_EXHAUSTED");
    assert.equal(fit.details.available, 4000);
  });

  it("goes to the processor when no GPU fits and nobody named a backend", () => {
    const gpus = [buildGpu({ memoryFreeBytes: 4000 * megabyte })];
    const devices = buildDevices({ ramMb: 64_000, gpus });
    const fit = fitModel(buildFacts({ model: fiveGigabytes, devices }), {});
    assert.ok(fit.fits);
    assert.equal(fit.backend, "cpu");
  });

  it("prefers cuda to vulkan and a GPU to the processor", () => {
    const gpus = [buildGpu({ backend: "vulkan" }), buildGpu({ backend: "cuda" })];
    const devices = buildDevices({ ramMb: 64_000, gpus });
    const fit = fitModel(buildFacts({ devices }), {});
    assert.ok(fit.fits);
    assert.equal(fit.backend, "cuda");
  });

  it("chooses the GPU with the most free memory", () => {
    const gpus = [8000, 20_000, 12_000].map((free, index) =>
      buildGpu({ index, memoryFreeBytes: free * megabyte }),
    );
    const devices = buildDevices({ ramMb: 1000, gpus });
    const fit = fitModel(buildFacts({ model: fiveGigabytes, devices }), {});
    assert.ok(fit.fits);
    assert.equal(fit.device, 1);
    assert.equal(fit.availableMb, 20_000);
  });

  it("takes the device that was named though another has more memory", () => {
    const gpus = [8000, 20_000].map((free, index) =>
      buildGpu({ index, memoryFreeBytes: free * megabyte }),
    );
    const facts = buildFacts({ devices: buildDevices({ ramMb: 1000, gpus }) });
    const fit = fitModel(facts, { backend: "cuda", device: 0 });
    assert.ok(fit.fits);
    assert.equal(fit.device, 0);
  });

  it("finds the backend that has the device when only a device is named", () => {
    const gpus = [0, 1].map((index) => buildGpu({ index }));
    const facts = buildFacts({ devices: buildDevices({ ramMb: 8000, gpus }) });
    const fit = fitModel(facts, { device: 1 });
    assert.ok(fit.fits);
    assert.equal(`${fit.backend}:${fit.device}`, "cuda:1");
  });

  it("names the devices there are when the wanted one is not among them", () => {
    const facts = buildFacts({
      devices: buildDevices({ ramMb: 8000, gpus: [buildGpu(), buildGpu({ index: 1 })] }),
    });
    const fit = fitModel(facts, { backend: "cuda", device: 7 });
    assert.ok(!fit.fits && fit.code === "DEVICE_NOT_AVAILABLE");
    assert.deepEqual(fit.details, { device: 7, backend: "cuda", valid: [0, 1], node: "mac" });
  });

  it("refuses a known backend that the node has not, and says what it has", () => {
    const fit = fitModel(buildFacts(), { backend: "cuda" });
    assert.ok(!fit.fits && fit.code === "BACKEND_UNAVAILABLE");
    assert.deepEqual(fit.details, { backend: "cuda", available: ["cpu"], node: "mac" });
  });

  it("refuses a backend that the worker program cannot use", () => {
    const devices = buildDevices({ ramMb: 8000, gpus: [buildGpu()] });
    const fit = fitModel(buildFacts({ devices, programBackends: ["cpu"] }), { backend: "cuda" });
    assert.ok(!fit.fits && fit.code === "BACKEND_UNAVAILABLE");
  });

  it("refuses a name that is no backend and lists the valid ones", () => {
    const fit = fitModel(buildFacts(), { backend: "quantum" });
    assert.ok(!fit.fits && fit.code === "INVALID_BACKEND");
    assert.deepEqual(fit.details.valid, [...backends]);
  });

  it("uses the configured backend and slots where the request says nothing", () => {
    const devices = buildDevices({ ramMb: 8000, gpus: [buildGpu()] });
    const facts = buildFacts({ devices, defaults: { backend: "cpu", slots: 2 } });
    const fit = fitModel(facts, {});
    assert.ok(fit.fits);
    assert.deepEqual([fit.backend, fit.slots], ["cpu", 2]);
    const asked = fitModel(facts, { backend: "cuda", slots: 3 });
    assert.ok(asked.fits);
    assert.deepEqual([asked.backend, asked.slots], ["cuda", 3]);
  });

  it("gives fewer slots when four do not fit, and refuses when one does not", () => {
    const model = buildModel({ sizeBytes: 5000 * megabyte, shape, contextLength: 131_072 });
    const slotsWith = (ramMb: number) => {
      const fit = fitModel(buildFacts({ model, devices: buildDevices({ ramMb }) }), {});
      return fit.fits ? fit.slots : fit.code;
    };
    assert.equal(slotsWith(12_000), 4);
    assert.equal(slotsWith(8000), 2);
    assert.equal(slotsWith(6500), 1);
    assert.equal(slotsWith(6000), "INSUFFICIENT_RAM");
  });

  it("does not give fewer slots than were asked for", () => {
    const model = buildModel({ sizeBytes: 5000 * megabyte, shape });
    const facts = buildFacts({ model, devices: buildDevices({ ramMb: 8000 }) });
    const fit = fitModel(facts, { slots: 4 });
    assert.ok(!fit.fits && fit.code === "INSUFFICIENT_RAM");
    assert.ok(fit.details.required > 9000);
  });

  it("gives a context of 8192 tokens, or the model's own when that is shorter", () => {
    const contextOf = (contextLength: number | null, context?: number) => {
      const fit = fitModel(buildFacts({ model: buildModel({ contextLength }) }), { context });
      return fit.fits ? fit.context : fit.code;
    };
    assert.equal(contextOf(131_072), 8192);
    assert.equal(contextOf(1024), 1024);
    assert.equal(contextOf(null), 8192);
    assert.equal(contextOf(131_072, 32_768), 32_768);
    assert.equal(contextOf(1024, 32_768), 1024);
  });

  it("counts what rbee's workers hold against the configured limit", () => {
    const devices = buildDevices({ ramMb: 64_000, limitMb: 1100 });
    const model = buildModel();
    const free = fitModel(buildFacts({ devices, model }), {});
    assert.equal(free.fits && free.availableMb, 1100);
    const holdings = [buildHolding({ requiredBytes: 400 * megabyte, heldBytes: 600 * megabyte })];
    const less = fitModel(buildFacts({ devices, model, holdings }), {});
    assert.equal(less.fits && less.availableMb, 500);
    const loading = [buildHolding({ isLoading: true })];
    const refused = fitModel(buildFacts({ devices, model, holdings: loading }), {});
    assert.ok(!refused.fits && refused.code === "INSUFFICIENT_RAM");
    assert.equal(refused.details.available, 100);
  });

  it("takes memory that a loading worker was promised off the free memory, once", () => {
    const held = { requiredBytes: 3000 * megabyte, heldBytes: 1000 * megabyte };
    const facts = (isLoading: boolean) =>
      buildFacts({ holdings: [buildHolding({ ...held, isLoading })] });
    const loading = fitModel(facts(true), {});
    const loaded = fitModel(facts(false), {});
    assert.equal(loading.fits && loading.availableMb, 6000);
    assert.equal(loaded.fits && loaded.availableMb, 8000);
  });

  it("does not take the mapped weights of a loaded worker for free memory", () => {
    const devices = buildDevices({ ramMb: 7500, totalMb: 8000 });
    const holdings = [buildHolding({ requiredBytes: 6000 * megabyte })];
    const fit = fitModel(buildFacts({ devices, holdings, model: fiveGigabytes }), {});
    assert.ok(!fit.fits && fit.code === "INSUFFICIENT_RAM");
    assert.equal(fit.details.available, 2000);
  });
});

describe("fitModel, whatever it is given", () => {
  const memoryMb = fc.double({ min: 0, max: 100_000, noNaN: true });
  const gpu = fc.record({
    index: fc.nat(3),
    backend: fc.constantFrom<BackendName>("cuda", "metal", "vulkan", "rocm"),
    memoryFreeBytes: memoryMb.map((free) => Math.floor(free * megabyte)),
    hasUnifiedMemory: fc.boolean(),
  });
  const holding = fc.record({
    backend: fc.constantFrom<BackendName>(...backends),
    device: fc.nat(3),
    requiredBytes: memoryMb.map((size) => Math.floor(size * megabyte)),
    heldBytes: memoryMb.map((size) => Math.floor(size * megabyte)),
    isLoading: fc.boolean(),
  });
  const facts = fc
    .record({
      ramMb: memoryMb,
      limitMb: fc.option(memoryMb, { nil: undefined }),
      gpus: fc.uniqueArray(gpu, {
        maxLength: 4,
        selector: ({ backend, index }) => `${backend}:${index}`,
      }),
      holdings: fc.array(holding, { maxLength: 3 }),
      sizeMb: memoryMb,
      hasShape: fc.boolean(),
      contextLength: fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: null }),
    })
    .map(({ ramMb, limitMb, gpus, holdings, sizeMb, hasShape, contextLength }) =>
      buildFacts({
        devices: buildDevices({
          ramMb,
          ...(limitMb === undefined ? {} : { limitMb }),
          gpus: gpus.map((one) => buildGpu(one)),
        }),
        holdings: holdings.map((one) => buildHolding(one)),
        model: buildModel({
          sizeBytes: Math.floor(sizeMb * megabyte),
          shape: hasShape ? shape : null,
          contextLength,
        }),
      }),
    );
  const request = fc.record(
    {
      backend: fc.constantFrom(...backends),
      device: fc.nat(3),
      slots: fc.integer({ min: 1, max: 64 }),
      context: fc.integer({ min: 16, max: 100_000 }),
    },
    { requiredKeys: [] },
  );

  it("never chooses what does not fit, and tells integers", () => {
    fc.assert(
      fc.property(facts, request, (given, asked) => {
        const fit = fitModel(given, asked);
        if (fit.fits) {
          assert.ok(fit.requiredMb <= fit.availableMb);
          assert.ok(fit.requiredMb * megabyte >= given.model.sizeBytes * 1.2 - megabyte);
          assert.ok(Number.isInteger(fit.requiredMb) && Number.isInteger(fit.availableMb));
          assert.ok(given.devices.backends.includes(fit.backend));
          const { memoryFreeBytes = given.devices.ram.availableBytes } =
            given.devices.gpus.find(
              (one) => one.backend === fit.backend && one.index === fit.device,
            ) ?? {};
          assert.ok(fit.availableMb * megabyte <= memoryFreeBytes);
          if (asked.slots !== undefined) assert.equal(fit.slots, asked.slots);
          if (asked.device !== undefined) assert.equal(fit.device, asked.device);
        } else if (fit.code === "INSUFFICIENT_RAM" || fit.code === "VRAM_EXHAUSTED") {
          assert.ok(fit.details.required > fit.details.available);
          assert.ok(Number.isInteger(fit.details.required));
          assert.ok(Number.isInteger(fit.details.available) && fit.details.available >= 0);
        }
      }),
    );
  });

  it("never fits a larger model where a smaller one is refused for memory", () => {
    fc.assert(
      fc.property(facts, request, memoryMb, (given, asked, moreMb) => {
        const larger = buildModel({
          ...given.model,
          sizeBytes: given.model.sizeBytes + Math.floor(moreMb * megabyte),
        });
        const small = fitModel(given, asked);
        const large = fitModel({ ...given, model: larger }, asked);
        if (large.fits) {
          assert.ok(small.fits);
          assert.ok(small.slots >= large.slots || small.backend !== large.backend);
        }
      }),
    );
  });
});
