// Opens streams, reads them to their end and counts tokens. A process of its own, so that its work
// is no part of what is measured; it looks at bytes and parses nothing but send times.
import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { readCpuMs, readMemory } from "../process-figures.ts";
import type { LoadOrder, LoadResult } from "./load-order.ts";

const order = JSON.parse(process.argv[2] ?? "") as LoadOrder;
const tokenStart = Buffer.from('{"type":"token"');
const streamEnd = "data: [DONE]";
const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
const body = JSON.stringify(order.body);
const headers = {
  ...order.headers,
  "content-type": "application/json",
  "content-length": String(Buffer.byteLength(body)),
};
let tokens = 0;
let isMeasuring = false;
const latenciesMs: number[] = [];

interface Stream {
  readonly begun: Promise<void>;
  readonly ended: Promise<boolean>;
}

function openStream(): Stream {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<boolean>();
  const sent = request(order.url, { method: "POST", headers, agent }, (answer) => {
    if (answer.statusCode !== 200) {
      ended.reject(new Error(`the answer is ${answer.statusCode}`));
      return;
    }
    let last: Buffer = Buffer.alloc(0);
    answer.on("data", (chunk: Buffer) => {
      const seen = countTokens(chunk);
      if (seen > 0) begun.resolve();
      tokens += seen;
      last = chunk;
      if (isMeasuring && order.readsStamps) readStamps(chunk);
    });
    answer.on("error", ended.reject);
    answer.on("end", () => {
      const end = last.toString("latin1");
      if (end.includes('"type":"error"')) ended.reject(new Error(`a stream ended with ${end}`));
      else ended.resolve(end.includes(streamEnd));
      // Else this process would wait for ever for the others to be measured.
      begun.reject(new Error(`a stream ended without a token, with ${end}`));
    });
  });
  sent.on("error", ended.reject);
  ended.promise.catch(begun.reject);
  sent.end(body);
  return { begun: begun.promise, ended: ended.promise };
}

function countTokens(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(tokenStart); at >= 0; at = chunk.indexOf(tokenStart, at + 1)) {
    count += 1;
  }
  return count;
}

function readStamps(chunk: Buffer): void {
  const now = process.hrtime.bigint();
  for (const [, stamp] of chunk.toString("latin1").matchAll(/"token":"(\d+)"/g)) {
    if (stamp !== undefined) latenciesMs.push(Number(now - BigInt(stamp)) / 1e6);
  }
}

const pids = [...order.watchedPids, process.pid];
const residentBytes = () => order.watchedPids.map((pid) => readMemory(pid).residentBytes);
const memoryBefore = residentBytes();
const streams = Array.from({ length: order.streams }, openStream);
await Promise.all(streams.map(({ begun }) => begun));
await wait(order.settleMs);
const startedAt = performance.now();
const before = { tokens, cpuMs: pids.map(readCpuMs) };
isMeasuring = true;
await wait(order.windowMs);
isMeasuring = false;
const windowMs = performance.now() - startedAt;
const tokensInWindow = tokens - before.tokens;
const cpuMs = pids.map((pid, index) => readCpuMs(pid) - (before.cpuMs[index] ?? 0));
const memoryBytes = { before: memoryBefore, open: residentBytes() };
const ends = await Promise.all(streams.map(({ ended }) => ended));
const streamsWhole = ends.filter(Boolean).length;
const figures = { windowMs, tokensInWindow, cpuMs, memoryBytes, latenciesMs, streamsWhole };
process.stdout.write(`${JSON.stringify(figures satisfies LoadResult)}\n`);
