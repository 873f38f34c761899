// Rates, ends and revocations of keys, and what the queen remembers of their use.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { TaskEvent } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import { errorIn, isCode, makeKey, openSlowQueen } from "./key-fixture.ts";
import type { KeyHolder } from "./key-fixture.ts";
import { errorOf, tokensOf } from "./scripted-queen-fixture.ts";
import type { Asked, QueenInBox } from "./scripted-queen-fixture.ts";

async function firstToken({ events }: Asked): Promise<void> {
  const hasToken = () => events.some(({ type }) => type === "token");
  await eventually(hasToken, { timeoutMs: 60_000, what: "the first token of a cold start" });
}

async function areSlotsFree({ queen }: QueenInBox): Promise<boolean> {
  const { workers } = await queen.call("listWorkers");
  return workers.every((worker) => worker.slots_available === worker.slots_total);
}

const task = { prompt: "Once", max_tokens: 1 };
const post = ({ send }: KeyHolder) => send("POST", "/v2/tasks", task);

describe("the rate of a key", () => {
  it("is told with each answer, and a request too many hears when to come back", async () => {
    await using box = await openSlowQueen();
    const holder = await makeKey(box, { rate: { limit: 2, window_seconds: 600 } });
    const seen: (string | null)[] = [];
    for (let count = 0; count < 2; count += 1) {
      const response = await post(holder);
      assert.equal(response.status, 200);
      seen.push(response.headers.get("x-ratelimit-remaining-requests"));
      await response.text();
    }
    assert.deepEqual(seen, ["1", "0"]);
    const refused = await post(holder);
    assert.equal(refused.status, 429);
    const { code, type, details } = await errorIn(refused);
    assert.deepEqual([code, type], ["RATE_LIMITED", "rate_limit_error"]);
    const { retry_after_seconds: seconds, ...rest } = details as { retry_after_seconds: number };
    assert.deepEqual(rest, { limit: 2, window_seconds: 600 });
    // One of two in ten minutes is free after five; the requests themselves took some seconds.
    assert.ok(seconds > 200 && seconds <= 300, String(seconds));
    const { headers } = refused;
    assert.equal(headers.get("retry-after"), String(Math.ceil(seconds)));
    assert.equal(headers.get("retry-after-ms"), String(Math.round(seconds * 1000)));
    assert.equal(headers.get("x-ratelimit-limit-requests"), "2");
    assert.match(headers.get("x-ratelimit-reset-requests") ?? "", /^9m\d+s$/);
    // The same on another road, and to somebody who only looks nothing is counted.
    const chat = { model: "hello-bee", messages: [{ role: "user", content: "hi" }] };
    const other = await holder.send("POST", "/v1/chat/completions", chat);
    assert.deepEqual([other.status, (await errorIn(other)).code], [429, "RATE_LIMITED"]);
    assert.equal((await holder.client.call("listTasks")).tasks.length, 2);
  });

  it("is each key's own, and lets in again when its time has come", async () => {
    await using box = await openSlowQueen();
    const holder = await makeKey(box, { rate: { limit: 1, window_seconds: 2 } });
    const other = await makeKey(box, { rate: { limit: 1, window_seconds: 2 } });
    await (await post(other)).text();
    const first = await post(holder);
    assert.equal(first.status, 200);
    await first.body?.cancel();
    const statuses: number[] = [];
    await eventually(async () => {
      const { status, body } = await post(holder);
      await body?.cancel();
      statuses.push(status);
      return status === 200;
    });
    assert.ok(statuses.length > 1 && statuses.slice(0, -1).every((status) => status === 429));
  });
});

describe("a key that is good no more", () => {
  it("ends at its second: what runs with it, and what comes", async () => {
    await using box = await openSlowQueen();
    await box.ask({ max_tokens: 1 }).ended;
    const holder = await makeKey(box, { name: "short", expires_in_seconds: 3 });
    const asked = holder.ask({ max_tokens: 5000 });
    const { code, details } = errorOf(await asked.ended);
    assert.equal(code, "KEY_EXPIRED");
    assert.equal(details["key"], "short");
    assert.ok(tokensOf(asked.events).length > 0, "it was good until then");
    await assert.rejects(holder.client.call("listTasks"), isCode("KEY_EXPIRED"));
    const refused = await post(holder);
    assert.deepEqual([refused.status, refused.headers.get("www-authenticate")], [401, "Bearer"]);
    await refused.body?.cancel();
    await eventually(() => areSlotsFree(box), { timeoutMs: 30_000, what: "a free slot" });
  });

  it("ends its running streams when it is revoked, and nobody else's", async () => {
    await using box = await openSlowQueen();
    const [holder, other] = [await makeKey(box, { name: "gone" }), await makeKey(box)];
    const [asked, kept] = [holder.ask({ max_tokens: 5000 }), other.ask({ max_tokens: 60 })];
    await Promise.all([firstToken(asked), firstToken(kept)]);
    const chat = await holder.send("POST", "/v1/chat/completions", {
      model: "hello-bee",
      stream: true,
      max_tokens: 5e3,
      messages: [
        {
          role: "user",
          content: "hi",
        },
      ],
    });
    await box.queen.call("revokeKey", { params: { id: holder.id } });
    const { code, details } = errorOf(await asked.ended);
    assert.deepEqual([code, details], ["KEY_REVOKED", { key: "gone" }]);
    assert.match(await chat.text(), /"code":"KEY_REVOKED"/);
    assert.equal(tokensOf(await kept.ended).length, 60);
    await eventually(() => areSlotsFree(box), { timeoutMs: 30_000, what: "free slots" });
    await assert.rejects(holder.client.call("listTasks"), isCode("INVALID_API_KEY"));
  });

  it("ends streams that have no end of their own", async () => {
    await using box = await openSlowQueen();
    const operator = await makeKey(box, { scope: "operate" });
    const read = async (path: string) => {
      const response = await operator.send("GET", path);
      const reading = response.text();
      return { response, reading };
    };
    const opened = [await read("/v2/events"), await read("/v2/logs?follow=true")];
    await box.queen.call("revokeKey", { params: { id: operator.id } });
    for (const { reading } of opened) {
      assert.match(await reading, /"code":"KEY_REVOKED"/);
    }
  });
});

describe("what keys ask for", () => {
  it("is counted by key and day, outlives the queen and the key, and no key is in it", async () => {
    await using box = await openSlowQueen();
    const holder = await makeKey(box, { name: "app" });
    const started = (await holder.ask({ max_tokens: 7 }).ended).find(isStarted);
    await holder.ask({ max_tokens: 5 }).ended;
    await box.ask({ max_tokens: 3 }).ended;
    const figures = {
      requests: 2,
      prompt_tokens: 2 * (started?.prompt_tokens ?? 0),
      generated_tokens: 12,
    };
    assert.ok(figures.prompt_tokens > 0);
    const day = new Date().toISOString().slice(0, 10);
    const usage = async (id?: string) =>
      (await box.queen.call("keyUsage", { query: { id } })).usage;
    assert.deepEqual(await usage(holder.id), [{ id: holder.id, name: "app", day, ...figures }]);
    const [local] = await usage("local");
    assert.deepEqual([local?.name, local?.requests], ["this machine", 1]);
    const listed = async () => (await box.queen.call("listKeys")).keys[0];
    const { requests, prompt_tokens, generated_tokens } = (await listed()) ?? {};
    assert.deepEqual({ requests, prompt_tokens, generated_tokens }, figures);

    await box.box.keeper(["queen", "restart"]);
    assert.equal((await listed())?.generated_tokens, 12);
    await box.queen.call("revokeKey", { params: { id: holder.id } });
    assert.equal((await usage(holder.id)).length, 1);
    await assert.rejects(usage("key-of-nobody"), isCode("KEY_NOT_FOUND"));
    assert.ok(!everythingWritten(box).includes(holder.key), "the key stands in no file");
  });

  it("is counted for a task that was cancelled, as far as it came", async () => {
    await using box = await openSlowQueen();
    const holder = await makeKey(box);
    const asked = holder.ask({ max_tokens: 5000, job_id: "long" });
    await firstToken(asked);
    await holder.client.call("cancelTask", { params: { task_id: "long" } });
    await asked.ended;
    const [used] = (await box.queen.call("keyUsage", { query: { id: holder.id } })).usage;
    assert.ok((used?.prompt_tokens ?? 0) > 0 && (used?.generated_tokens ?? 0) > 0);
    assert.ok((used?.generated_tokens ?? 0) < 5000);
  });
});

function isStarted(event: TaskEvent) {
  return event.type === "started";
}

function everythingWritten({ box }: QueenInBox): string {
  const files = readdirSync(box.rbeeHome, { recursive: true, withFileTypes: true });
  return files
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1"))
    .join("\n");
}
