import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseAmdSmi } from "./parse-amd-smi.ts";
import { parseRocmSmi } from "./parse-rocm-smi.ts";
import { readFixture } from "./read-fixture.ts";

const megabyte = 1_048_576;

describe("parseRocmSmi", () => {
  it("reads each card, without figures that are not there", () => {
    assert.deepEqual(parseRocmSmi(readFixture("rocm-smi-two-cards.json")), [
      {
        index: 0,
        backend: "rocm",
        name: "Radeon RX 7900 XTX",
        memory: { kind: "own", totalBytes: 25_753_026_560, freeBytes: 25_000_000_000 },
        temperatureC: 41,
        utilizationPercent: 7,
      },
      {
        index: 1,
        backend: "rocm",
        name: "AMD Radeon Graphics",
        memory: { kind: "own", totalBytes: 536_870_912, freeBytes: 0 },
      },
    ]);
  });

  it("knows the field names of older versions and leaves out a card without memory", () => {
    const [card, ...others] = parseRocmSmi(readFixture("rocm-smi-old-names.json"));
    assert.deepEqual(others, []);
    assert.equal(card?.name, "Navi 21 [Radeon RX 6800]");
  });
});

describe("parseAmdSmi", () => {
  it("joins the figures with the names", () => {
    const metric = readFixture("amd-smi-metric.json");
    assert.deepEqual(parseAmdSmi(metric, readFixture("amd-smi-static.json")), [
      {
        index: 0,
        backend: "rocm",
        name: "AMD Instinct MI300X",
        memory: { kind: "own", totalBytes: 196_592 * megabyte, freeBytes: 196_000 * megabyte },
        utilizationPercent: 12,
      },
    ]);
  });

  it("reads the newer shape, and leaves out a GPU whose memory is unknown", () => {
    const [gpu, ...others] = parseAmdSmi(readFixture("amd-smi-metric-gpu-data.json"), "[]");
    assert.deepEqual(others, []);
    assert.deepEqual([gpu?.name, gpu?.temperatureC], ["AMD GPU", 36]);
  });

  it("throws for an answer that is no JSON", () => {
    assert.throws(() => parseAmdSmi("ERROR: no driver", "[]"));
  });
});
