// Clients that hold connections in ways nobody should, against one running queen.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { timings } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import { openQueen } from "./scripted-queen-fixture.ts";
import type { QueenInBox } from "./scripted-queen-fixture.ts";

let box: QueenInBox;
before(async () => {
  box = await openQueen({ script: ["--layers", "1", "--offer-slots", "30"] });
  await box.ask({ max_tokens: 1 }).ended;
});
after(() => box.box.close());

const health = "GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";

function taskRequest(maxTokens: number): string {
  const body = JSON.stringify({ prompt: "Once", model: "hello-bee", max_tokens: maxTokens });
  const head = ["POST /v2/tasks HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"];
  return [...head, `content-length: ${body.length}`, "", body].join("\r\n");
}

function open(): Socket {
  const socket = connect({ host: "127.0.0.1", port: box.box.queenPort, allowHalfOpen: true });
  socket.on("error", () => {});
  return socket;
}

/** Everything that comes until the server closes, or until `isEnough`. */
async function read(socket: Socket, isEnough: (text: string) => boolean): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    if (isEnough(text)) socket.destroy();
  });
  socket.on("end", () => socket.destroy());
  await once(socket, "close");
  return text;
}

const never = () => false;

describe("a client of the queen", () => {
  it("that sends a head without an end is closed with 408, in time", async () => {
    const socket = open();
    socket.write("GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ");
    const drip = setInterval(() => socket.write("y"), 500);
    const startedAt = performance.now();
    const text = await read(socket, (so) => so.includes("\r\n\r\n"));
    clearInterval(drip);
    assert.match(text, /^HTTP\/1\.1 408 /);
    assert.ok(performance.now() - startedAt >= timings.requestHeadMs - timings.requestCheckMs);
  });

  it("that sends a head too large is told 431", async () => {
    const bombs = [
      `x-bomb: ${"y".repeat(100_000)}\r\n`,
      Array.from({ length: 5000 }, (_value, index) => `x-${index}: y\r\n`).join(""),
    ];
    for (const bomb of bombs) {
      const socket = open();
      socket.write(`GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n${bomb}\r\n`);
      assert.match(await read(socket, (so) => so.includes("\r\n\r\n")), /^HTTP\/1\.1 431 /);
    }
  });

  it("that asks again before it was answered gets its answers in order", async () => {
    const socket = open();
    const last = health.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    socket.write(taskRequest(3) + health + last);
    const text = await read(socket, never);
    const [story, ...healths] = text.split("HTTP/1.1 200 OK").slice(1);
    assert.ok(story?.includes('"type":"done"') && story.includes("[DONE]"), text);
    assert.equal(healths.length, 2, text);
    assert.ok(healths.every((answer) => answer.includes('"program":"queen-rbee"')));
  });

  // A program that ends closes its connections in the same way: from here the two look alike.
  it("that closes its half after the question counts as gone: its task is cancelled", async () => {
    const socket = open();
    socket.end(taskRequest(400));
    const text = await read(socket, never);
    assert.ok(!text.includes("[DONE]"), text);
    const [, id] = /"task_id":"([^"]+)"/.exec(text) ?? [];
    await eventually(async () => {
      const { tasks } = await box.queen.call("listTasks");
      return tasks.find((task) => task.task_id === id)?.phase === "cancelled";
    });
  });

  it("that reads nothing holds nobody else up, and its slot is free once it is gone", async () => {
    const idle = Array.from({ length: 20 }, () => {
      const socket = open();
      socket.pause();
      socket.write(taskRequest(400));
      return socket;
    });
    const busy = async () =>
      (await box.queen.call("listTasks")).tasks.filter(({ phase }) => phase === "inferring").length;
    await eventually(async () => (await busy()) === idle.length);
    assert.equal((await box.ask({ max_tokens: 10 }).ended).at(-1)?.type, "done");
    for (const socket of idle) socket.destroy();
    await eventually(async () => {
      const [worker] = (await box.queen.call("listWorkers")).workers;
      return worker?.slots_available === worker?.slots_total;
    });
  });

  it("that opens ten thousand connections and drops them leaves nothing behind", async () => {
    const pid = box.box.queenPid() ?? 0;
    const descriptors = () => readdirSync(`/proc/${pid}/fd`).length;
    const before = descriptors();
    const total = 10_000;
    const atOnce = 250;
    for (let opened = 0; opened < total; opened += atOnce) {
      const sockets = Array.from({ length: atOnce }, open);
      await Promise.all(
        sockets.map(async (socket, index) => {
          await once(socket, "connect");
          if (index % 3 === 0) socket.write(health);
          if (index % 3 === 1) socket.write("GET /hea");
          socket.resetAndDestroy();
        }),
      );
    }
    await eventually(() => descriptors() <= before + 20, { what: "closed descriptors" });
    assert.equal((await box.queen.call("health")).status, "ok");
    assert.equal((await box.ask({ max_tokens: 2 }).ended).at(-1)?.type, "done");
  });
});
