import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { browserObstacle, createBox, eventually, openBrowser } from "@rbee/testkit";
import type { Box } from "@rbee/testkit";
import type * as published from "../src/published.ts";
import { installSdk } from "./installed-sdk-fixture.ts";
import type { InstalledSdk } from "./installed-sdk-fixture.ts";

type Published = typeof published;

const root = resolve(import.meta.dirname, "../../..");
const skip = browserObstacle() ?? false;

const story = `
import { createRbee } from "@rbee/sdk";
const rbee = createRbee({ baseUrl: process.argv[2] });
const request = { model: "hello-bee", prompt: "Once upon a time", max_tokens: 6, temperature: 0 };
const types = new Set();
let text = "";
for await (const event of rbee.infer(request)) {
  types.add(event.type);
  if (event.type === "token") text += event.token;
}
console.log(JSON.stringify({ text, types: [...types], node: process.versions.node }));
`;

const typed = `
import { createRbee, RbeeError } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import type { Answer, TaskEvent } from "@rbee/sdk";

const rbee = createRbee({ fetch: nodeFetch });
const answer: Answer = rbee.chat({ messages: [{ role: "user", content: "Hi" }] });
for await (const event of answer) {
  const told: TaskEvent = event;
  if (told.type === "token") told.token satisfies string;
  // @ts-expect-error: an error is thrown, it is no event of an answer
  if (event.type === "error") throw event;
}
const { workers } = await rbee.workers.list({ node: "mac" });
workers.map(({ worker_id: id, memory_bytes: bytes }) => [id satisfies string, bytes]);
for await (const event of rbee.models.pull({ model: "hello-bee" })) {
  if (event.type === "done") event.model.reference satisfies string;
}
try {
  // @ts-expect-error: a prompt is needed
  rbee.infer({ model: "hello-bee" });
} catch (error) {
  if (RbeeError.is(error, "NODE_NOT_FOUND")) error.details.node satisfies string;
}
`;

/** Examples of the page, by the heading that they stand under. */
function examplesOf(page: string): { readonly heading: string; readonly code: string }[] {
  return page.split(/^## /m).flatMap((section) => {
    const [heading = ""] = section.split("\n");
    const blocks = [...section.matchAll(/^```js\n([\s\S]*?)^```$/gm)];
    return blocks.map(([, code = ""]) => ({ heading, code }));
  });
}

describe("the packed SDK", { timeout: 600_000 }, () => {
  let sdk: InstalledSdk;
  let box: Box;
  let site: Server;
  let queenUrl = "";
  before(async () => {
    sdk = await installSdk();
    site = createServer((incoming, outgoing) => {
      const path = new URL(incoming.url ?? "/", "http://site").pathname;
      const file = join(sdk.folder, path);
      if (path === "/") outgoing.setHeader("content-type", "text/html").end("<!doctype html>");
      else if (!existsSync(file)) outgoing.writeHead(404).end();
      else outgoing.setHeader("content-type", "text/javascript").end(readFileSync(file));
    }).listen(0, "127.0.0.1");
    await once(site, "listening");
    box = await createBox({ settings: { queen: { cors_origins: siteUrl() } } });
    await box.startQueenAsOperator();
    queenUrl = `http://127.0.0.1:${box.queenPort}`;
  });
  after(async () => {
    site.closeAllConnections();
    site.close();
    sdk[Symbol.dispose]();
    await box.close();
  });
  const siteUrl = () => `http://127.0.0.1:${(site.address() as AddressInfo).port}`;

  it("holds what it needs and nothing of the workspace", () => {
    const top = sdk.files.filter((path) => !path.startsWith("types/")).toSorted();
    const expected = ["LICENSE", "README.md", "browser.js", "index.js", "node.js", "package.json"];
    assert.deepEqual(top, expected);
    const installed = join(sdk.folder, "node_modules/@rbee/sdk");
    for (const path of sdk.files.filter((name) => /\.(?:js|ts)$/.test(name))) {
      const text = readFileSync(join(installed, path), "utf8");
      assert.doesNotMatch(text, /(?:from|import\()\s*["']@rbee\//, `${path} needs the workspace`);
      assert.doesNotMatch(text, /(?:from|import\()\s*["'][^"']*\.ts["']/, `${path} names a source`);
    }
    for (const path of ["index.js", "browser.js"]) {
      assert.doesNotMatch(readFileSync(join(installed, path), "utf8"), /["']node:/);
    }
    const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as object;
    const keys = ["version", "license", "engines", "exports", "dependencies"];
    assert.deepEqual(
      keys.filter((key) => !(key in manifest)),
      [],
    );
    assert.ok(!("private" in manifest));
  });

  it("streams in this Node, and in the one that the machine has", async () => {
    const file = sdk.write("story.js", story);
    const texts = new Set<string>();
    for (const node of [process.execPath, "node"]) {
      const told = JSON.parse(await sdk.run([node, file, queenUrl])) as {
        text: string;
        types: string[];
      };
      assert.ok(told.types.includes("accepted") && told.types.includes("done"));
      texts.add(told.text);
    }
    assert.equal(texts.size, 1, "the same words from the same model");
    assert.ok([...texts][0] !== "");
  });

  it("has types that a strict consumer can check, in both ways of resolving", async () => {
    sdk.write("typed.ts", typed);
    const strict = ["--strict", "--exactOptionalPropertyTypes", "--noEmit", "--target", "es2024"];
    const types = ["--lib", "es2024,dom,dom.iterable,dom.asynciterable", "--types", ""];
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    for (const module of [
      ["--module", "nodenext"],
      ["--module", "esnext", "--moduleResolution", "bundler"],
    ]) {
      await sdk.run([process.execPath, tsc, ...strict, ...types, ...module, "typed.ts"]);
    }
  });

  for (const { heading, code } of examplesOf(
    readFileSync(join(root, "packages/sdk/README.md"), "utf8"),
  )) {
    it(`runs the example of its page: ${heading}`, async () => {
      const text = code.replaceAll("http://127.0.0.1:8080", queenUrl);
      assert.notEqual(text, code, "it asks the queen of this test");
      const file = sdk.write("example.js", text);
      assert.notEqual((await sdk.run([process.execPath, file])).trim(), "");
    });
  }

  it("streams and cancels in a browser, on a page of another origin", { skip }, async () => {
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(siteUrl());
      const told = await page.evaluate(
        async ({ queen, module }) => {
          const { createRbee } = (await import(module)) as Published;
          const rbee = createRbee({ baseUrl: queen });
          const request = { model: "hello-bee", prompt: "Once upon a time", temperature: 0 };
          const pieces: string[] = [];
          for await (const piece of rbee.infer({ ...request, max_tokens: 6 }).texts()) {
            pieces.push(piece);
          }
          const control = new AbortController();
          const { signal } = control;
          let reason = "";
          try {
            const long = rbee.infer({ ...request, max_tokens: 400 }, { signal });
            for await (const _piece of long.texts()) control.abort(new Error("enough"));
          } catch (error) {
            reason = (error as Error).message;
          }
          const refused = await rbee.workers.list({ node: "nowhere" }).catch((error) => error.code);
          return { pieces, reason, refused };
        },
        { queen: queenUrl, module: "/node_modules/@rbee/sdk/browser.js" },
      );
      assert.equal(told.pieces.length, 6);
      assert.equal(told.reason, "enough");
      assert.equal(told.refused, "NODE_NOT_FOUND");
      // The browser does not wait for the queen to have noticed.
      await eventually(async () => {
        const { tasks } = await box.queen().call("listTasks");
        const [last, before] = tasks.map(({ phase }) => phase);
        return last === "cancelled" && before === "done";
      });
    } finally {
      await browser.close();
    }
  });
});
