// What a key of scope `use` may: every route of the table, other people's tasks, models, priorities.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { queenRoutes } from "@rbee/contract";
import type { Route } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import { errorIn, isCode, makeKey, openSlowQueen } from "./key-fixture.ts";
import type { KeyHolder } from "./key-fixture.ts";
import { errorOf } from "./scripted-queen-fixture.ts";

// Written down here as well, so that nobody opens a route to every client by the way.
const openToUse = [
  "cancelResponse",
  "cancelTask",
  "createChatCompletion",
  "createCompletion",
  "createEmbeddings",
  "createResponse",
  "createTask",
  "deleteResponse",
  "getModel",
  "getOpenAiModel",
  "getResponse",
  "listModels",
  "listOpenAiModels",
  "listResponseItems",
  "listTasks",
  "rerank",
];

async function ask({ send }: KeyHolder, { method, path }: Route): Promise<Response> {
  const filled = path.replaceAll(/:\w+/g, "nothing-of-that-name");
  const query = path.startsWith("/v2/models") ? "?node=nowhere" : "";
  const body = method === "post" ? {} : undefined;
  return await send(method.toUpperCase(), `${filled}${query}`, body);
}

describe("a key of scope use", () => {
  it("opens the routes that ask models, and no other of the whole table", async () => {
    await using box = await openSlowQueen({ queen: { metrics: "key" } });
    const holder = await makeKey(box, { name: "client" });
    const opened: string[] = [];
    for (const [name, route] of Object.entries<Route>(queenRoutes)) {
      if (route.needsKey === false) continue;
      const response = await ask(holder, route);
      if (response.status !== 403) {
        opened.push(name);
        await response.body?.cancel();
        continue;
      }
      const { code, type, details } = await errorIn(response);
      assert.deepEqual([name, code, type], [name, "KEY_SCOPE_DENIED", "permission_error"]);
      assert.deepEqual(details, { key: "client", scope: "use", needed: "operate" });
    }
    assert.deepEqual(opened.toSorted(), openToUse);
    assert.equal((await holder.client.call("health")).status, "ok");
    // The page tells of everybody's keys and models, so a guarded one is no client's to read.
    const page = await holder.send("GET", "/metrics");
    assert.equal(page.status, 403);
    assert.equal((await errorIn(page)).code, "KEY_SCOPE_DENIED");
    const prometheus = await makeKey(box, { scope: "operate" });
    assert.match(await (await prometheus.send("GET", "/metrics")).text(), /^rbee_queen_/m);
  });

  it("shows and ends its own tasks; another's it neither sees nor touches", async () => {
    await using box = await openSlowQueen();
    const [one, other] = [await makeKey(box), await makeKey(box)];
    const asked = one.ask({ max_tokens: 1000, job_id: "mine" });
    const hasToken = () => asked.events.some(({ type }) => type === "token");
    await eventually(hasToken, { timeoutMs: 60_000, what: "the first token of a cold start" });
    assert.deepEqual((await other.client.call("listTasks")).tasks, []);
    await other.client.call("cancelTask", { params: { task_id: "mine" } });
    const [task] = (await one.client.call("listTasks")).tasks;
    assert.deepEqual([task?.task_id, task?.phase], ["mine", "inferring"]);
    assert.equal((await box.queen.call("listTasks")).tasks.length, 1);
    await one.client.call("cancelTask", { params: { task_id: "mine" } });
    assert.equal(errorOf(await asked.ended).code, "REQUEST_CANCELED");
  });

  it("may ask for no more priority than it has", async () => {
    await using box = await openSlowQueen();
    const client = await makeKey(box, { name: "client" });
    const refused = await client.send("POST", "/v2/tasks", { prompt: "a", priority: "high" });
    assert.equal(refused.status, 403);
    const { code, details } = await errorIn(refused);
    assert.equal(code, "KEY_PRIORITY_DENIED");
    assert.deepEqual(details, { key: "client", asked: "high", highest: "normal" });
    const urgent = await makeKey(box, { priority: "high" });
    await urgent.ask({ max_tokens: 1, priority: "high" }).ended;
    await client.ask({ max_tokens: 1, priority: "low" }).ended;
  });
});

describe("a key for some models", () => {
  it("is refused any other by name, on every road to one", async () => {
    await using box = await openSlowQueen();
    const holder = await makeKey(box, { name: "app", scope: "operate", models: ["hf:org/*"] });
    const denied = isCode("KEY_MODEL_DENIED");
    const body = { model: "hello-bee" };
    await assert.rejects(holder.ask(body).ended, denied);
    await assert.rejects(holder.ask().ended, denied, "the model that nobody named");
    await assert.rejects(holder.client.stream("spawnWorker", { body }), denied);
    await assert.rejects(holder.client.stream("pullModel", { body }), denied);
    const chat = { ...body, messages: [{ role: "user", content: "hi" }] };
    const response = await holder.send("POST", "/v1/chat/completions", chat);
    assert.equal(response.status, 403);
    const { code, type, details } = await errorIn(response);
    assert.deepEqual([code, type], ["KEY_MODEL_DENIED", "permission_error"]);
    assert.deepEqual(details, { key: "app", model: "hello-bee", allowed: ["hf:org/*"] });
    assert.deepEqual((await box.queen.call("listWorkers")).workers, []);
  });

  it("sees those only in lists of models", async () => {
    await using box = await openSlowQueen();
    const [some, none] = [
      await makeKey(box, { models: ["hello-bee"] }),
      await makeKey(box, { models: ["hf:org/*"] }),
    ];
    const listed = async ({ client, send }: KeyHolder) => {
      const { models } = await client.call("listModels");
      const { data } = (await (await send("GET", "/v1/models")).json()) as {
        data: { id: string }[];
      };
      return [models.map(({ reference }) => reference), data.map(({ id }) => id)];
    };
    assert.deepEqual(await listed(some), [["hello-bee"], ["hello-bee"]]);
    assert.deepEqual(await listed(none), [[], []]);
    await assert.rejects(
      none.client.call("getModel", { params: { id: "hello-bee" } }),
      isCode("KEY_MODEL_DENIED"),
    );
  });

  it("follows an alias to where the configuration leads it now", async () => {
    await using box = await openSlowQueen({ aliases: { fast: "hello-bee" } });
    const holder = await makeKey(box, { models: ["fast"] });
    await holder.ask({ model: "fast", max_tokens: 1 }).ended;
    await holder.ask({ model: "hello-bee", max_tokens: 1 }).ended;
    box.box.configure({ aliases: { fast: "hf:org/repo" } });
    box.box.signal(box.box.queenPid() ?? 0, "SIGHUP");
    await eventually(async () => {
      const response = await holder.send("POST", "/v2/tasks", { prompt: "a", max_tokens: 1 });
      await response.body?.cancel();
      return response.status === 403;
    });
  });
});
