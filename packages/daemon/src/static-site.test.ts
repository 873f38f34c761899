import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { defineRoutes } from "@rbee/contract";
import { z } from "zod";
import { createApp } from "./create-app.ts";
import { createLogger } from "./create-logger.ts";
import { createServer } from "./create-server.ts";
import { createMetrics } from "./metrics.ts";
import { mountStaticSite } from "./static-site.ts";

const script = "console.log('the console');\n".repeat(50);
const page = '<meta name="csp-nonce" content="%NONCE%" /><script src="/assets/a-1.js"></script>';
const asPage = { accept: "text/html,application/xhtml+xml" };

const routes = defineRoutes({
  workers: {
    method: "get",
    path: "/v2/workers",
    summary: "w",
    needsKey: false,
    answer: z.object({}),
    errors: [],
  },
});

function openApp() {
  return createApp({
    program: "queen-rbee",
    version: "0.1.0",
    routes,
    currentKey: () => undefined,
    logger: createLogger({ program: "test", sinks: [] }),
    metrics: createMetrics("test"),
    handlers: { workers: () => ({}) },
  });
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

describe("a site of files", () => {
  let folder: string;
  let port: number;
  let close: () => void;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rbee-site-"));
    const site = join(folder, "site");
    mkdirSync(join(site, "assets"), { recursive: true });
    writeFileSync(join(folder, "secret.txt"), "not for the world");
    writeFileSync(join(site, "index.html"), page);
    writeFileSync(join(site, "assets/unlisted.js"), "not of the site");
    writeFileSync(join(site, "assets/a-1.js"), script);
    writeFileSync(join(site, "assets/a-1.js.br"), brotliCompressSync(script));
    writeFileSync(join(site, "assets/a-1.js.gz"), gzipSync(script));
    writeFileSync(join(site, "assets/logo.svg"), "<svg/>");
    const files = [
      { path: "index.html", type: "text/html; charset=utf-8", bytes: 1, immutable: false },
      { path: "assets/a-1.js", type: "text/javascript", bytes: script.length, immutable: true },
      { path: "assets/logo.svg", type: "image/svg+xml", bytes: 6, immutable: false },
    ];
    writeFileSync(join(site, "files.json"), JSON.stringify({ files }));
    const app = openApp();
    mountStaticSite(app, site);
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
    close = () => server.close();
  });
  after(() => {
    close();
    rmSync(folder, { recursive: true, force: true });
  });

  // Not fetch: it tidies a path, and decodes what came compressed.
  const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    new Promise<Answer>((resolve, reject) => {
      const outgoing = request({ port, host: "127.0.0.1", path, method, headers });
      outgoing.on("error", reject).on("response", (response: IncomingMessage) => {
        const chunks: Buffer[] = [];
        response
          .on("data", (chunk: Buffer) => chunks.push(chunk))
          .on("end", () => {
            const { statusCode: status = 0 } = response;
            resolve({ status, headers: response.headers, body: Buffer.concat(chunks) });
          });
      });
      outgoing.end();
    });
  const asset = "/assets/a-1.js";
  const codeOf = ({ body }: Answer) =>
    (JSON.parse(body.toString()) as { error: { code: string } }).error.code;

  it("sends what was compressed ahead of time, as the browser can read it", async () => {
    const cases = [
      ["br, gzip, deflate", "br"],
      ["gzip, deflate, BR", "br"],
      ["gzip", "gzip"],
      ["br;q=0, gzip", "gzip"],
      ["br;q=0.000,gzip;q=0.1", "gzip"],
      ["br; Q = 0, gzip ;q=0", undefined],
      ["br;q=0.01", "br"],
      ["brotli, gzipped", undefined],
      ["identity", undefined],
      ["", undefined],
    ] as const;
    for (const [accepted, coding] of cases) {
      const { status, headers, body } = await ask(asset, { "accept-encoding": accepted });
      assert.equal(status, 200);
      assert.equal(headers["content-encoding"], coding, accepted);
      const plain = { br: brotliDecompressSync, gzip: gunzipSync };
      assert.equal((coding === undefined ? body : plain[coding](body)).toString(), script);
      assert.equal(headers.vary, "accept-encoding");
      assert.equal(headers["content-type"], "text/javascript");
      assert.equal(headers["x-content-type-options"], "nosniff");
    }
    assert.equal((await ask(asset)).body.toString(), script, "and plain to who says nothing");
  });

  it("lets a browser keep for ever what has its content in its name, and nothing else", async () => {
    const kept = await ask(asset);
    assert.equal(kept.headers["cache-control"], "public, max-age=31536000, immutable");
    const other = await ask("/assets/logo.svg");
    assert.equal(other.headers["cache-control"], "no-cache");
    assert.equal((await ask("/", asPage)).headers["cache-control"], "no-store");
  });

  it("answers HEAD as GET, without the body", async () => {
    for (const [path, headers] of [
      [asset, { "accept-encoding": "br" }],
      ["/chat", asPage],
    ] as const) {
      const whole = await ask(path, headers);
      const head = await ask(path, headers, "HEAD");
      assert.equal(head.status, 200);
      assert.equal(head.body.length, 0);
      for (const name of ["content-type", "content-encoding", "cache-control", "vary"]) {
        assert.equal(head.headers[name], whole.headers[name], name);
      }
    }
  });

  it("leads to nothing that its list does not name", async () => {
    for (const path of [
      "/assets/../../secret.txt",
      "/assets/..%2f..%2fsecret.txt",
      "/assets/%2e%2e/%2e%2e/secret.txt",
      "/assets/..%5c..%5csecret.txt",
      "/assets/../index.html",
      "/assets/..%2Findex.html",
      "/assets/..%2Ffiles.json",
      "/files.json",
      "/assets/unlisted.js",
      "/assets/a-1.js.br",
      "/assets/a-1.js%00",
      "/assets/",
      "/assets/of-another-version-2.js",
    ]) {
      const answer = await ask(path);
      assert.equal(answer.status, 404, path);
      assert.equal(codeOf(answer), "NOT_FOUND", path);
      assert.ok(!answer.body.includes("not for the world"));
    }
    assert.equal((await ask("/assets/%zz")).status, 404);
  });

  it("gives the page for each address of one word, and an error to who wants no page", async () => {
    for (const path of ["/", "/chat", "/chat/", "/nodes?x=1", "/no-such-page"]) {
      const { status, headers, body } = await ask(path, asPage);
      assert.equal(status, 200, path);
      assert.equal(headers["content-type"], "text/html; charset=utf-8");
      assert.match(body.toString(), /a-1\.js/);
    }
    assert.equal(codeOf(await ask("/chat", { accept: "application/json" })), "NOT_FOUND");
    assert.equal(codeOf(await ask("/chat")), "NOT_FOUND");
    assert.equal(codeOf(await ask("/nodes/mac", asPage)), "NOT_FOUND");
    assert.equal(codeOf(await ask("/v2/nothing", asPage)), "NOT_FOUND");
  });

  it("stands behind the routes of the program", async () => {
    const { status, headers } = await ask("/v2/workers", asPage);
    assert.equal(status, 200);
    assert.match(headers["content-type"] ?? "", /^application\/json/);
    assert.match((await ask("/metrics", asPage)).headers["content-type"] ?? "", /^text\/plain/);
  });

  it("takes no other method than to read", async () => {
    for (const method of ["POST", "PUT", "DELETE"]) {
      const answer = await ask(asset, {}, method);
      assert.equal(answer.status, 405, method);
      assert.equal(answer.headers.allow, "GET, HEAD");
      assert.equal(codeOf(answer), "METHOD_NOT_ALLOWED");
      assert.equal(codeOf(await ask("/assets/none.js", {}, method)), "NOT_FOUND");
      assert.equal((await ask("/chat", asPage, method)).status, 404);
    }
  });

  it("lets the page load and ask nobody but its own server, with a number that is new each time", async () => {
    const copies = [await ask("/", asPage), await ask("/", asPage)];
    const nonces = copies.map(({ headers, body }) => {
      const policy = headers["content-security-policy"] as string;
      const rules = new Map(
        policy.split("; ").map((rule) => {
          const [name = "", ...sources] = rule.split(" ");
          return [name, sources.join(" ")] as const;
        }),
      );
      assert.equal(rules.get("default-src"), "'none'");
      assert.equal(rules.get("script-src"), "'self'");
      assert.equal(rules.get("connect-src"), "'self'");
      for (const name of ["base-uri", "form-action", "frame-ancestors"]) {
        assert.equal(rules.get(name), "'none'", name);
      }
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
      const [, nonce = ""] =
        /^'self' 'nonce-([\w-]{22})'$/.exec(rules.get("style-src") ?? "") ?? [];
      assert.ok(body.includes(`content="${nonce}"`), "the page is told its number");
      assert.ok(!body.includes("%NONCE%"));
      assert.equal(headers["x-frame-options"], "DENY");
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["referrer-policy"], "no-referrer");
      assert.equal(headers["cross-origin-opener-policy"], "same-origin");
      return nonce;
    });
    assert.notEqual(nonces[0], "");
    assert.notEqual(nonces[0], nonces[1]);
  });

  it("is not there without its list, and breaks at the start with one that is no list", async () => {
    const bare = openApp();
    mountStaticSite(bare, join(folder, "nowhere"));
    assert.equal((await bare.request("/", { headers: asPage })).status, 404);
    mkdirSync(join(folder, "broken"));
    writeFileSync(join(folder, "broken/files.json"), '{"files":[{"path":7}]}');
    assert.throws(() => mountStaticSite(openApp(), join(folder, "broken")));
  });
});
