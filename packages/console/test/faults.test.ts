import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "@rbee/testkit";
import { assertAccessible, openStage, skip } from "./console-fixture.ts";
import type { Stage, Tab } from "./console-fixture.ts";

const resolve = createRequire(import.meta.url).resolve;
const scriptedWorker = join(resolve("@rbee/testkit"), "../scripted-worker.ts");
const tokenMs = 40;

describe("the console when something goes wrong", { skip }, () => {
  let stage: Stage;
  let tab: Tab;
  before(async () => {
    stage = await openStage();
    const command = [process.execPath, scriptedWorker, "--token-ms", String(tokenMs)];
    const manifest = join(stage.box.root, "worker.json");
    writeFileSync(manifest, JSON.stringify({ name: "scripted", engine: "scripted", command }));
    // The hive, which reads it, starts with the first question.
    stage.box.configure({ worker: { manifest } });
    tab = await stage.open("/chat");
  });
  after(() => stage[Symbol.asyncDispose]());

  const answers = () => tab.page.getByRole("article", { name: /^Answer of/ });
  const ask = async (text: string) => {
    await tab.page.getByLabel("Your message", { exact: true }).fill(text);
    await tab.page.keyboard.press("Enter");
  };
  const limitTokens = async (count: number) => {
    const options = tab.button("Options");
    if ((await options.count()) > 0) await options.click();
    await tab.page.getByLabel("Tokens at most").fill(String(count));
  };
  const workerPid = async () => {
    const { workers } = await stage.box.queen().call("listWorkers", { query: {} });
    return workers[0]?.pid ?? undefined;
  };

  it("keeps what a worker said that is killed in its answer, and asks again", async () => {
    const { page } = tab;
    await tab.button("Begin a chat").click();
    await limitTokens(400);
    await ask("Tell me a long story");
    const partial = await eventually(
      async () => {
        const text = await answers().first().locator(".markdown").innerText();
        return text.length > 20 && text;
      },
      { timeoutMs: 60_000, what: "the beginning of an answer" },
    );
    stage.box.signal((await workerPid()) ?? 0, "SIGKILL");
    const notice = page.getByRole("main").getByRole("alert");
    await notice.getByText("SSE_CLOSED").waitFor();
    assert.ok((await notice.getByRole("listitem").count()) > 0, "it says what to do next");
    assert.ok((await answers().first().locator(".markdown").innerText()).startsWith(partial));
    await assertAccessible(tab, "an answer that failed");
    await tab.button("Options").click();
    await limitTokens(20);
    await tab.button("Try again").click();
    await page.getByText("2 of 2").waitFor();
    await answers()
      .first()
      .getByText(/20 tokens/)
      .waitFor();
    assert.equal(await notice.count(), 0);
  });

  it("stops an answer, and cancels a request from its table", async () => {
    const { page } = tab;
    await limitTokens(400);
    await ask("Another long story");
    await answers().nth(1).locator(".markdown").getByText(/\w+/).first().waitFor();
    await tab.button("Stop").click();
    await page.getByText(/stopped by you/).waitFor();
    const abort = new AbortController();
    const body = { model: "hello-bee", prompt: "Once", max_tokens: 400 };
    const events = await stage.box.queen().stream("createTask", { body, signal: abort.signal });
    const read = (async () => {
      for await (const event of events) if (event.type === "error") return event.error.code;
      return "done";
    })();
    await tab.go("Requests");
    await page.getByText("Running and waiting").click();
    await page
      .getByRole("row", { name: /inferring/ })
      .getByRole("button", { name: "Cancel" })
      .click();
    await page.getByText("None. Ask a model something").waitFor();
    assert.equal(await read, "REQUEST_CANCELED");
    await page.getByText("All", { exact: true }).click();
    await page
      .getByRole("row", { name: /cancelled/ })
      .first()
      .getByRole("button")
      .click();
    await page
      .getByRole("dialog")
      .getByText(/Writing the answer/)
      .waitFor();
    await assertAccessible(tab, "the details of a request");
    await tab.button("Close the request").click();
  });

  it("says that the queen is away and how old the page is, and is live again by itself", async () => {
    const { page, heading } = tab;
    await tab.go("Overview");
    await page.getByText(/failed: stream closed early \(SSE_CLOSED\)/).waitFor();
    await stage.box.queen().call("shutdown", { body: undefined });
    await page.getByText("The queen is not heard").waitFor();
    await page.getByText("Not live").waitFor();
    await page.getByText(/is \d+ s old/).waitFor();
    await heading("Overview");
    await assertAccessible(tab, "a page that is not live");
    await eventually(() => stage.box.processes().length === 0, { timeoutMs: 40_000 });
    await page.getByRole("navigation").getByRole("link", { name: "Settings" }).click();
    await page.getByText("This page could not be shown").waitFor();
    await assertAccessible(tab, "a page that could not be fetched");
    await stage.box.startQueenAsOperator();
    await page.getByText("Live", { exact: true }).waitFor();
    await tab.button("Open it again").click();
    await heading("Settings");
    await page.getByText("Live", { exact: true }).waitFor();
    assert.equal(await page.getByText("The queen is not heard").count(), 0);
  });

  it("makes a key that is shown once, and asks for it from then on", async () => {
    const { page } = tab;
    const early = await stage.open("/");
    await early.page.getByText("Live", { exact: true }).waitFor();
    await tab.go("Keys");
    await tab.button("Make a key").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("The first key closes the door").waitFor();
    await assertAccessible(tab, "the form of a key");
    await dialog.getByLabel("Name").fill("anna");
    await dialog.getByRole("button", { name: "Make it" }).click();
    const shown = page.getByRole("status").locator("code");
    const key = await shown.innerText();
    assert.match(key, /^rbee_/);
    await page.getByRole("row", { name: /anna/ }).waitFor();
    await assertAccessible(tab, "a key that was made");
    await page.reload();
    await page.getByRole("row", { name: /anna/ }).waitFor();
    assert.ok(!(await page.content()).includes(key), "it is shown once");

    await early.page.getByRole("navigation").getByRole("link", { name: "Keys" }).click();
    await early.page.getByText("This queen wants a key").waitFor();
    await early.page.close();

    const stranger = await stage.open("/workers");
    await stranger.page.getByText("This queen wants a key").waitFor();
    await assertAccessible(stranger, "the sign-in");
    await stranger.page.getByLabel("API key").fill(`${key.slice(0, -2)}xx`);
    await stranger.button("Sign in").click();
    await stranger.page.getByText("That key is not accepted").waitFor();
    await stranger.page.getByLabel("API key").fill(key);
    await stranger.button("Sign in").click();
    await stranger.heading("Workers");
    assert.ok(!stranger.page.url().includes(key));
    const asked = await stranger.page.evaluate(() =>
      performance.getEntriesByType("resource").map(({ name }) => name),
    );
    assert.ok(!asked.some((url) => url.includes(key)), "a key is in no address");
    await stranger.button("Sign out").click();
    await stranger.page.getByText("This queen wants a key").waitFor();
    assert.deepEqual(stranger.problems(), []);
    await stranger.page.close();

    await page.getByRole("row", { name: /anna/ }).getByRole("button", { name: "Revoke" }).click();
    await tab.button("Revoke it").click();
    await page.getByText("That key is not accepted").waitFor();
    await assertAccessible(tab, "a key that was revoked");
    await tab.button("Try without a key").click();
    // The last key that goes does not open the door again.
    await page.getByText("That key is not accepted").waitFor({ state: "detached" });
    await page.getByText("This queen wants a key").waitFor();
  });

  it("had no error, nothing that its policy refuses, and asked nobody else", () => {
    assert.deepEqual(tab.problems(), []);
  });
});
