import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createServer as createSocketServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { describe, it } from "node:test";
import type { TestContext } from "node:test";
import { foreignProgramError } from "./unreachable-error.ts";
import { probeQueen } from "./probe-queen.ts";
import { isLoopbackUrl, portOfUrl } from "./queen-url.ts";

// Foreign programs are real servers here; the queen herself is met in the process tests.
async function listen(context: TestContext, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.close();
    if ("closeAllConnections" in server) (server.closeAllConnections as () => void)();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const limit = { timeoutMs: 2000 };

describe("the probe", () => {
  it("finds nothing where nothing listens", async (context) => {
    const server = createSocketServer();
    const url = await listen(context, server);
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual(await probeQueen(url, limit), { state: "absent" });
  });

  it("describes an HTTP server that is not the queen", async (context) => {
    const server = createServer((_request, response) => {
      response.writeHead(404, { server: "nginx/1.25", "content-type": "text/html; charset=utf-8" });
      response.end("<h1>not found</h1>");
    });
    const url = await listen(context, server);
    assert.deepEqual(await probeQueen(url, limit), {
      state: "foreign",
      found: "nginx/1.25 (status 404, text/html)",
    });
  });

  it("is not deceived by an answer that only looks healthy", async (context) => {
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "application/json");
      response.end("{}");
    });
    const probe = await probeQueen(await listen(context, server), limit);
    assert.equal(probe.state, "foreign");
  });

  it("recognises a program that does not speak HTTP", async (context) => {
    const server = createSocketServer((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    const probe = await probeQueen(await listen(context, server), limit);
    assert.match(probe.state === "foreign" ? probe.found : probe.state, /does not speak HTTP/);
  });

  it("gives up on a program that says nothing", async (context) => {
    const server = createSocketServer(() => {});
    const probe = await probeQueen(await listen(context, server), { timeoutMs: 100 });
    assert.deepEqual(probe, { state: "silent", reason: "no answer within 0.1 s" });
  });
});

describe("a foreign program at the queen's address", () => {
  it("is named, with how to choose another port", () => {
    const error = foreignProgramError("http://127.0.0.1:8080", "nginx");
    assert.match(JSON.stringify(error.cause.message + error.hints.join(" ")), /8081/);
    assert.match(error.hints.join("\n"), /--queen http:\/\/127\.0\.0\.1:8081/);
    assert.match(error.hints.join("\n"), /\[queen\] port = 8081/);
  });
});

describe("a queen's URL", () => {
  it("is on this machine for loopback names and addresses over plain HTTP only", () => {
    for (const url of [
      "http://127.0.0.1:8080",
      "http://localhost:1",
      "http://[::1]:80",
      "http://127.9.9.9",
    ]) {
      assert.equal(isLoopbackUrl(url), true, url);
    }
    for (const url of [
      "https://127.0.0.1:8080",
      "http://10.0.0.1",
      "http://localhost.example",
      "x",
    ]) {
      assert.equal(isLoopbackUrl(url), false, url);
    }
  });

  it("has a port even when it does not name one", () => {
    assert.deepEqual(["http://a:81", "http://a", "https://a"].map(portOfUrl), [81, 80, 443]);
  });
});
