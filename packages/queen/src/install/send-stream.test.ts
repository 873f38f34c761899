import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, describe, it } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { createSendMeter } from "./create-send-meter.ts";
import { incompressible, writePayload } from "./payload-fixture.ts";
import { sendParts } from "./send-stream.ts";
import type { Coding, FilePart } from "./send-stream.ts";

const folder = mkdtempSync(join(tmpdir(), "rbee-send-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const first = incompressible(1);
const second = Buffer.from("honey ".repeat(100_000));
const extra = { "a.bin": first, "b.txt": second };
const payload = writePayload({ folder, version: "1.0.0", extra });

/** What arrives at the other end, and how much was counted on the way. */
async function send(parts: readonly FilePart[], coding: Coding) {
  const words = coding === "gzip" ? ["gzip", "-dc"] : ["cat"];
  const child = spawn(words[0] ?? "", words.slice(1), { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<{ exitCode: number | null; signal: string | null }>((resolve) => {
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const remote = { ...child, stdin: child.stdin, ended, kill: () => void child.kill() };
  const counted: number[] = [];
  const meter = createSendMeter({
    node: "mac",
    onBegin: () => {},
    onProgress: (event) => void counted.push(event.stage === "sending" ? event.bytes_sent : 0),
  });
  const arrived = buffer(child.stdout);
  const { signal } = new AbortController();
  await sendParts({ payload, parts, remote, coding, meter, signal });
  meter.finish();
  return { arrived: await arrived, counted: counted.at(-1) };
}

function partOf(path: string, offset = 0, bytes?: number): FilePart {
  const file = payload.files.find((candidate) => candidate.path === path);
  assert.ok(file);
  return { file, offset, ...(bytes === undefined ? {} : { bytes }) };
}

describe("what is sent to a node", () => {
  it("arrives whole, one file after the other, in every coding", async () => {
    const parts = [partOf("a.bin"), partOf("b.txt")];
    const expected = Buffer.concat([first, second]);
    for (const coding of ["none", "gzip", "zstd"] as const) {
      const { arrived, counted } = await send(parts, coding);
      const text = coding === "zstd" ? zstdDecompressSync(arrived) : arrived;
      assert.ok(text.equals(expected), coding);
      assert.equal(counted, expected.length, coding);
    }
  });

  it("begins and ends where it is asked to, across the pieces that a file is read in", async () => {
    for (const [offset, bytes] of [
      [0, 10],
      [65_530, 12],
      [65_536, 65_536],
      [200_001, undefined],
      [first.length, undefined],
    ] as const) {
      const { arrived } = await send([partOf("a.bin", offset, bytes)], "none");
      const end = bytes === undefined ? undefined : offset + bytes;
      assert.ok(arrived.equals(first.subarray(offset, end)), `${offset} ${bytes}`);
    }
  });
});

describe("the meter of what is sent", () => {
  it("tells the speed of the last seconds and when the rest is there", () => {
    let at = 0;
    const told: (number | null)[][] = [];
    const begun: number[] = [];
    const meter = createSendMeter({
      node: "mac",
      onBegin: (bytes) => void begun.push(bytes),
      onProgress: (event) => {
        if (event.stage !== "sending") return;
        told.push([event.bytes_sent, event.bytes_total, event.speed_mbps, event.eta_seconds]);
      },
      now: () => at,
    });
    const megabyte = 1_048_576;
    // What was done before there was anything to send is no slowness of the wire.
    at = 60_000;
    meter.expect(10 * megabyte);
    at += 100;
    meter.add(megabyte);
    assert.deepEqual(told, []);
    at += 900;
    meter.add(megabyte);
    assert.deepEqual(told, [[2 * megabyte, 10 * megabyte, 2, 4]]);
    at += 1000;
    meter.expect(4 * megabyte);
    at += 1000;
    meter.add(4 * megabyte);
    meter.finish();
    assert.deepEqual(told.at(-1), [6 * megabyte, 6 * megabyte, 4, 0]);
    assert.deepEqual(begun, [10 * megabyte]);
  });
});
