import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { TransportError } from "@rbee/sdk";
import type { SshAddress } from "../node-ports.ts";
import { createNodeWay } from "./node-way.ts";
import { createWayMemory } from "./way-memory.ts";

const signal = new AbortController().signal;

interface Scene {
  readonly address?: Partial<SshAddress>;
  /** Where the forwarding of a port of the node ends up. */
  readonly forward?: (port: number) => Promise<number>;
}

async function listen(host: string, answer: string): Promise<{ server: Server; port: number }> {
  const server = createServer((_request, response) => response.end(answer));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

// The way itself; SSH is a record of what was asked of it.
async function withWay(
  scene: Scene,
  run: (way: ReturnType<typeof createNodeWay>, forwards: number[]) => Promise<void>,
) {
  const folder = mkdtempSync(join(tmpdir(), "rbee-way-"));
  const forwards: number[] = [];
  const target = { name: "mac", sshHost: "mac", sshUser: undefined, sshKeyPath: undefined };
  const way = createNodeWay({
    ssh: {
      resolve: async () => ({
        hostName: "127.0.0.2",
        port: 22,
        user: "bee",
        isBehindJump: false,
        ...scene.address,
      }),
      async forward(_target, port) {
        forwards.push(port);
        return (await scene.forward?.(port)) ?? port;
      },
    },
    target: () => ({ ...target, sshPort: undefined }),
    hivePort: () => 9200,
    memory: createWayMemory(folder, "mac"),
  });
  try {
    await run(way, forwards);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the way to a node", () => {
  it("is straight to the host name that the SSH configuration gives", async () => {
    const { server, port } = await listen("127.0.0.2", "straight");
    await withWay({}, async (way, forwards) => {
      assert.equal(way.hive().host, "mac");
      await way.resolve();
      way.noteStart(port);
      assert.equal(way.hive().url, `http://127.0.0.2:${port}`);
      assert.equal(way.hasAnswered(), false);
      const answer = await way.fetch(`${way.hive().url}/health`);
      assert.equal(await answer.text(), "straight");
      assert.equal(way.hasAnswered(), true);
      const worker = `http://127.0.0.1:${port}`;
      assert.equal(await way.workerUrl(worker, signal), `http://127.0.0.2:${port}`);
      assert.equal(await way.reachWorker(worker, signal), `http://127.0.0.2:${port}`);
      assert.deepEqual(forwards, []);
    }).finally(() => server.close());
  });

  it("is through SSH behind a jump host, for a host name of this machine, and after a closed port", async () => {
    const { server, port } = await listen("127.0.0.1", "through SSH");
    const forward = async () => port;
    for (const address of [{ isBehindJump: true }, { hostName: "127.0.0.1" }, {}]) {
      await withWay({ address, forward }, async (way, forwards) => {
        await way.resolve();
        if (Object.keys(address).length === 0) way.goThroughSsh();
        assert.equal(way.isForwarded(), true);
        const answer = await way.fetch(`${way.hive().url}/health`);
        assert.equal(await answer.text(), "through SSH");
        const worker = await way.workerUrl("http://127.0.0.1:8001", signal);
        assert.equal(worker, `http://127.0.0.1:${port}`);
        assert.deepEqual(forwards, [9200, 8001]);
      });
    }
    server.close();
  });

  it("goes around the port of a worker that is closed from here", async () => {
    const { server, port } = await listen("127.0.0.1", "through SSH");
    await withWay({ forward: async () => port }, async (way) => {
      const reached = await way.reachWorker("http://127.0.0.1:1", signal);
      assert.equal(reached, `http://127.0.0.1:${port}`);
    }).finally(() => server.close());
  });

  it("tells nothing that listens there from an SSH connection that ended", async () => {
    const broken = createServer().on("connection", (socket) => socket.destroy());
    await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve));
    const { port } = broken.address() as AddressInfo;
    const failureOf = async (forwarded: number) => {
      let failure: unknown;
      await withWay(
        { address: { isBehindJump: true }, forward: async () => forwarded },
        async (way) => {
          failure = await way.fetch("http://mac:9200/health").catch((error: unknown) => error);
        },
      );
      assert.ok(failure instanceof TransportError);
      return failure.failure;
    };
    assert.equal(await failureOf(port), "refused");
    broken.close();
    assert.equal(await failureOf(1), "reset");
  });

  it("logs in again only after a wait when that failed, unless a person wants something", async () => {
    const down = async () => {
      throw new RbeeError("SSH_HOST_UNKNOWN", { node: "mac", host: "mac", port: 22 });
    };
    await withWay({ address: { isBehindJump: true }, forward: down }, async (way, forwards) => {
      const ask = async () => {
        const failure = await way.fetch("http://mac:9200/health").catch((error: unknown) => error);
        assert.ok(RbeeError.is(failure, "SSH_HOST_UNKNOWN"));
      };
      await ask();
      await ask();
      assert.equal(forwards.length, 1);
      await way.resolve();
      await ask();
      assert.equal(forwards.length, 2);
    });
  });
});
