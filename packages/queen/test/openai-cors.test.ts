// Web pages of other origins against a running queen, as their browsers ask for them.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually } from "@rbee/testkit";
import { openOpenAiBox, readWire } from "./openai-fixture.ts";

const origin = "https://app.example.org";
const other = "https://other.example.org";
const chat = { model: "hello-bee", prompt: "Once", max_tokens: 2, stream: true };

function allowed(response: Response): string | null {
  return response.headers.get("access-control-allow-origin");
}

describe("web pages of configured origins", () => {
  it("can read streams and errors, and others cannot", async () => {
    await using opened = await openOpenAiBox({ queen: { cors_origins: [origin] } });
    const ask = (body: object, from: string) =>
      opened.post("/v1/completions", body, { headers: { origin: from } });
    const stream = await ask(chat, origin);
    assert.equal(stream.status, 200);
    assert.equal(allowed(stream), origin);
    assert.match(stream.headers.get("access-control-expose-headers") ?? "", /X-Rbee-Task-Id/);
    assert.equal(readWire(await stream.text()).last, "[DONE]");
    const failed = await ask({ ...chat, model: "gpt-4o" }, origin);
    assert.deepEqual([failed.status, allowed(failed)], [404, origin]);
    const foreign = await ask(chat, other);
    assert.deepEqual([foreign.status, allowed(foreign)], [403, null]);
    const ahead = await fetch(`${opened.url}/v1/models`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "GET" },
    });
    assert.deepEqual([ahead.status, allowed(ahead)], [204, origin]);
  });

  it("can be changed while the queen runs", async () => {
    await using opened = await openOpenAiBox();
    const { box, url } = opened;
    const ask = () => fetch(`${url}/v1/models`, { headers: { origin: other } });
    assert.equal((await ask()).status, 403);
    box.configure({ queen: { cors_origins: `${origin},${other}` } });
    box.signal(box.queenPid() ?? 0, "SIGHUP");
    await eventually(async () => (await ask()).status === 200);
    const { settings } = await box.queen().call("settings");
    const setting = settings.find(({ name }) => name === "queen.cors_origins");
    assert.equal(setting?.value, `${origin},${other}`);
  });
});
