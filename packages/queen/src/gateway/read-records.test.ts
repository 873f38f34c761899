import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sizes } from "@rbee/contract";
import { createRecordReader } from "./read-records.ts";

type Told = readonly [channel: number, text: string];

const recordMaxBytes = sizes.bodyMaxBytes + sizes.frameWindowBytes;

function read(chunks: readonly Buffer[]): Told[] {
  const records: Told[] = [];
  const reader = createRecordReader((channel, bytes) => records.push([channel, String(bytes)]));
  for (const chunk of chunks) reader(chunk);
  return records;
}

function encode([channel, text]: Told): string {
  return `${channel} ${Buffer.byteLength(text)}\n${text}`;
}

// Texts with lines in them, one that looks like a head, and characters of several bytes.
const records: readonly Told[] = [
  [1, 'data: {"type":"token","token":"Bee"}\n\n'],
  [2, "7 3\nabc"],
  [1_234_567_890, "wörld 🐝\n"],
  [3, "\n"],
];
const stream = Buffer.from(`0 0\n${records.map(encode).join("0 0\n")}0 0\n`);

describe("the records of a shared connection", () => {
  it("are the same wherever the bytes are cut", () => {
    for (let cut = 0; cut <= stream.length; cut += 1) {
      assert.deepEqual(read([stream.subarray(0, cut), stream.subarray(cut)]), records, `at ${cut}`);
    }
    assert.deepEqual(read([...stream].map((byte) => Buffer.from([byte]))), records);
  });

  it("are handed out as soon as they are whole, and not before", () => {
    const seen: Told[] = [];
    const reader = createRecordReader((channel, bytes) => seen.push([channel, String(bytes)]));
    reader(Buffer.from("5 3\nab"));
    assert.deepEqual(seen, []);
    reader(Buffer.from("c6 3\nde"));
    assert.deepEqual(seen, [[5, "abc"]]);
    reader(Buffer.from("f"));
    assert.deepEqual(seen, [
      [5, "abc"],
      [6, "def"],
    ]);
  });

  it("end where something else comes, after those before it", () => {
    const garbage = [
      "HTTP/1.1 200 OK\r\n",
      "\n",
      "1\n",
      "1 \n",
      " 1 2\n",
      "1  2\n",
      "1 2 3\n",
      "1 2\r\n",
      "-1 2\n",
      "1 -2\n",
      "1 0x2\n",
      "1.5 2\n",
      "1 2e1\n",
      "12345678901 2\n",
      "1 12345678901\n",
      "\u0000\u0007\n",
      "x".repeat(25),
    ];
    for (const text of garbage) {
      const seen: Told[] = [];
      const reader = createRecordReader((channel, bytes) => seen.push([channel, String(bytes)]));
      assert.throws(() => reader(Buffer.from(`5 3\nabc${text}`)), /record/, JSON.stringify(text));
      assert.deepEqual(seen, [[5, "abc"]], JSON.stringify(text));
    }
  });

  it("are no larger than a worker may make them, which is known before they come", () => {
    assert.throws(() => read([Buffer.from(`1 ${recordMaxBytes + 1}\n`)]), /wrong head/);
    const largest = Buffer.alloc(recordMaxBytes, "x");
    const head = Buffer.from(`1 ${recordMaxBytes}\n`);
    const [record] = read([head, largest.subarray(0, 1000), largest.subarray(1000)]);
    assert.equal(record?.[1].length, recordMaxBytes);
  });
});
