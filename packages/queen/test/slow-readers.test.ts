// Clients that read a stream of the OpenAI API slowly or not at all, beside others that do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { sizes } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import { openQueen } from "./scripted-queen-fixture.ts";
import type { QueenInBox } from "./scripted-queen-fixture.ts";

// Long enough for the kernel's buffers between two programs to be full.
const inferenceSeconds = 12;
const choices = 8;
const growthMaxBytes = 48 * sizes.bytesPerMb;

let box: QueenInBox;
before(async () => {
  const script = ["--layers", "1", "--offer-slots", "32", "--token-ms", "1", "--offer-frames"];
  const timeouts = { inference: inferenceSeconds };
  box = await openQueen({ script, settings: { timeouts } });
  await box.ask({ max_tokens: 1 }).ended;
});
after(() => box.box.close());

/** Asks for many more tokens than anybody will ever read. */
function openReader(): Socket {
  const messages = [{ role: "user", content: "Once" }];
  const body = { model: "hello-bee", messages, max_tokens: 1_000_000, n: choices, stream: true };
  const text = JSON.stringify(body);
  const head = [
    "POST /v1/chat/completions HTTP/1.1",
    "host: 127.0.0.1",
    "content-type: application/json",
    `content-length: ${text.length}`,
  ];
  const socket = connect(box.box.queenPort, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`${head.join("\r\n")}\r\n\r\n${text}`);
  return socket;
}

function dripRead(socket: Socket): () => void {
  socket.on("readable", () => {});
  const timer = setInterval(() => socket.read(1), 1000);
  return () => clearInterval(timer);
}

function residentBytes(): number {
  const pages = Number(readFileSync(`/proc/${box.box.queenPid()}/statm`, "utf8").split(" ")[1]);
  return pages * 4096;
}

const running = async () =>
  (await box.queen.call("listTasks")).tasks.filter(({ phase }) => phase === "inferring");

async function tokensMade(): Promise<number> {
  return (await running()).reduce((sum, { tokens }) => sum + tokens, 0);
}

describe("readers that do not keep up", () => {
  it("hold back their own tokens only, until the request's time is over", async (context) => {
    const beforeBytes = residentBytes();
    const sockets = [openReader(), openReader()];
    const [silent, slow] = sockets;
    silent?.pause();
    const stop = slow === undefined ? () => {} : dripRead(slow);
    context.after(() => {
      stop();
      for (const socket of sockets) socket.destroy();
    });
    await eventually(async () => (await running()).length === 2 * choices);
    let tokens = 0;
    await eventually(
      async () => {
        const last = tokens;
        tokens = await tokensMade();
        return tokens > 0 && tokens === last;
      },
      { intervalMs: 300, timeoutMs: inferenceSeconds * 1000, what: "the worker held back" },
    );
    const grown = residentBytes() - beforeBytes;
    assert.ok(grown < growthMaxBytes, `the queen took ${grown / sizes.bytesPerMb} MB more`);
    const events = await box.ask({ max_tokens: 200 }).ended;
    assert.equal(events.at(-1)?.type, "done", JSON.stringify(events.at(-1)));
    assert.equal((await running()).length, 2 * choices, "the others still wait for their readers");
    await eventually(
      async () => {
        const [worker] = (await box.queen.call("listWorkers")).workers;
        return worker?.slots_available === worker?.slots_total;
      },
      { timeoutMs: (inferenceSeconds + 5) * 1000, what: "free slots" },
    );
    const { tasks } = await box.queen.call("listTasks");
    const codes = tasks
      .filter(({ phase }) => phase === "failed")
      .map(({ error_code }) => error_code);
    assert.deepEqual([...new Set(codes)], ["REQUEST_TIMEOUT"], JSON.stringify(tasks[0]));
    assert.ok(residentBytes() - beforeBytes < growthMaxBytes);
    assert.equal((await box.ask({ max_tokens: 2 }).ended).at(-1)?.type, "done");
  });
});
