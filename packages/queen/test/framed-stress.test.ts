// Many streams over a shared connection that is cut now and then, with clients that leave, clients
// that are slow and grants that are lost. Repeat a run with FUZZ_SEED.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { after, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { workerRoutes, RbeeError } from "@rbee/contract";
import { createApp, createFrameHub, createLogger, createMetrics, createServer } from "@rbee/daemon";
import type { Handlers } from "@rbee/daemon";
import { eventually } from "@rbee/testkit";
import type { RelayEnd } from "../src/ports.ts";
import { createInference } from "../src/gateway/relay-inference.ts";
import { createRandom } from "./fuzz-bodies-fixture.ts";
import type { Random } from "./fuzz-bodies-fixture.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const stressMs = 5000;
const clients = 24;
const settleLimitMs = 20_000;
const grantPath = workerRoutes.grantFrames.path;

const shares = { lostGrant: 0.2, cutAtRequest: 0.03, leaver: 0.3, slow: 0.3, large: 0.002 };

interface ChaosWorker {
  readonly url: string;
  /** Ids of the generations that run now. */
  readonly running: ReadonlyMap<string, AbortController>;
  readonly counts: { cuts: number; lostGrants: number; framed: number };
  readonly cut: () => void;
}

/** The server side of the daemon, with a generator behind it that makes as much as it may. */
async function openWorker(random: Random): Promise<ChaosWorker> {
  const frames = createFrameHub();
  const running = new Map<string, AbortController>();
  const wires = new Set<Socket>();
  const counts = { cuts: 0, lostGrants: 0, framed: 0 };
  const handlers: Handlers<typeof workerRoutes> = {
    infer: ({ stream, body: { job_id: id = "", max_tokens: total = 1 } }) =>
      stream(async ({ send, signal }) => {
        const control = new AbortController();
        running.set(id, control);
        const ended = Promise.race([once(signal, "abort"), once(control.signal, "abort")]);
        try {
          for (let index = 0; index < total; index += 1) {
            await Promise.race([send({ type: "token", token: textOf(id, random), index }), ended]);
            if (signal.aborted || control.signal.aborted) break;
            if (random() < 0.1) await wait(Math.floor(random() * 4));
          }
          await Promise.race([send({ type: "done", done: true }), ended]);
        } finally {
          if (running.get(id) === control) running.delete(id);
        }
      }),
    cancelInference({ params }): undefined {
      running.get(params["request_id"] ?? "")?.abort();
    },
    frames({ query, shareConnection }) {
      return shareConnection(query.connection);
    },
    grantFrames({ body }): undefined {
      frames.grant(body);
    },
  };
  const app = createApp({
    program: "llm-worker-rbee",
    version: "1.0.0",
    routes: workerRoutes,
    currentKey: () => undefined,
    logger: createLogger({ program: "llm-worker-rbee", level: "error", sinks: [process.stderr] }),
    metrics: createMetrics("llm-worker-rbee"),
    frames,
    keepAliveMs: () => 2000,
    handlers,
  });
  const cut = () => {
    for (const socket of wires) socket.destroy();
    counts.cuts += wires.size;
    wires.clear();
  };
  const server = createServer(app);
  server.prependListener("request", ({ url = "", headers, socket }: IncomingMessage) => {
    if (url.startsWith(`${workerRoutes.frames.path}?`)) wires.add(socket);
    const isFramed = headers["x-rbee-channel"] !== undefined;
    if (isFramed) counts.framed += 1;
    if (isFramed && random() < shares.cutAtRequest) cut();
    if (url !== grantPath || random() >= shares.lostGrant) return;
    counts.lostGrants += 1;
    socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, running, counts, cut };
}

// Now and then one that is larger than the window.
function textOf(id: string, random: Random): string {
  const length = random() < shares.large ? 700_000 : Math.floor(random() ** 4 * 30_000);
  return `${id}:${"x".repeat(length)}`;
}

type Outcome = "whole" | "left" | "broken";

interface Client {
  readonly url: string;
  readonly id: string;
  readonly inference: ReturnType<typeof createInference>;
  readonly random: Random;
}

/** One request from its beginning to whatever its end is; throws when it got what is not its own. */
async function askOnce({ url, id, inference, random }: Client): Promise<Outcome> {
  const client = new AbortController();
  const total = 5 + Math.floor(random() * 150);
  const isSlow = random() < shares.slow;
  if (random() < shares.leaver) {
    const leave = () => client.abort(new RbeeError("REQUEST_CANCELED", {}));
    setTimeout(leave, Math.floor(random() ** 2 * 300));
  }
  const { signal } = client;
  const hop = { correlationId: id, traceparent: undefined, deadline: undefined, signal };
  const body = { prompt: "hi", job_id: id, max_tokens: total };
  const parts: Uint8Array[] = [];
  let end: RelayEnd | undefined;
  try {
    const open = await inference.open({ address: { url, apiKey: "k" }, taskId: id, body, hop });
    end = await open.relay({
      signal,
      sendFrames(bytes) {
        parts.push(Buffer.from(bytes));
        return isSlow ? wait(Math.floor(random() * 20)) : undefined;
      },
      countTokens: () => {},
      notePromptTokens: () => {},
      tokenStallMs: settleLimitMs,
    });
  } catch (error) {
    assert.ok(signal.aborted, `${id}: ${String(error)}`);
  }
  requireOwn({
    id,
    text: Buffer.concat(parts).toString(),
    total: end?.kind === "ended" ? total : undefined,
  });
  if (end === undefined) return "left";
  assert.ok(end.kind === "ended" || end.kind === "broken", `${id} ended ${end.kind}`);
  return end.kind === "ended" ? "whole" : "broken";
}

interface Received {
  readonly id: string;
  readonly text: string;
  /** Of a stream that came to its end. */
  readonly total: number | undefined;
}

function requireOwn({ id, text, total }: Received): void {
  const events = text
    .split("\n\n")
    .filter((frame) => frame.startsWith("data: "))
    .map((frame) => JSON.parse(frame.slice("data: ".length)) as Record<string, unknown>);
  const tokens = events.filter(({ type }) => type === "token");
  for (const [index, event] of tokens.entries()) {
    assert.equal(event["index"], index, `${id} lacks a token`);
    assert.equal(String(event["token"]).split(":")[0], id, "a token of another stream");
  }
  if (total !== undefined) assert.equal(tokens.length, total, `${id} is not whole`);
}

describe("a shared connection with everything going wrong", () => {
  it("mixes nothing up, loses no request and no window, and lets no stream hang", async (context) => {
    context.diagnostic(`FUZZ_SEED=${seed}`);
    const random = createRandom(seed);
    const worker = await openWorker(random);
    const inference = createInference();
    const outcomes = { whole: 0, left: 0, broken: 0 };
    const untilMs = performance.now() + stressMs;
    const isOver = () => performance.now() > untilMs;
    const open = new Set<string>();
    const serve = async (number: number) => {
      for (let turn = 0; !isOver(); turn += 1) {
        const id = `task-${number}-${turn}`;
        open.add(id);
        outcomes[await askOnce({ url: worker.url, id, inference, random })] += 1;
        open.delete(id);
      }
    };
    const cutter = async () => {
      while (!isOver()) {
        await wait(200 + Math.floor(random() * 600));
        worker.cut();
      }
    };
    const all = Promise.all([cutter(), ...Array.from({ length: clients }, (_, n) => serve(n))]);
    const limit = wait(stressMs + settleLimitMs, "hangs" as const, { ref: false });
    const settled = await Promise.race([all, limit]);
    assert.notEqual(settled, "hangs", `still open: ${[...open].join(", ")}`);
    const told = { ...outcomes, ...worker.counts };
    context.diagnostic(JSON.stringify(told));
    for (const [what, count] of Object.entries(told)) assert.ok(count > 0, `no ${what}`);
    await eventually(() => worker.running.size === 0, { what: "the end of what nobody reads" });
  });
});
