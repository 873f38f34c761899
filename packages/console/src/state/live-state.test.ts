import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { errorStatus, errorToWire, RbeeError } from "@rbee/contract";
import { createQueenClient } from "@rbee/sdk";
import { eventually } from "@rbee/testkit";
import type { ConsoleSession } from "./console-session.ts";
import { createLiveState } from "./live-state.ts";
import type { LiveSnapshot, LiveState } from "./live-state.ts";

const program = "queen-rbee";
const delaysMs = [1, 5, 20];

/** A stream of events that stays open, as a browser is given it. */
class Line {
  readonly request: IncomingMessage;
  readonly #outgoing: ServerResponse;
  constructor(request: IncomingMessage, outgoing: ServerResponse) {
    this.request = request;
    this.#outgoing = outgoing;
  }
  open(): void {
    this.#outgoing.writeHead(200, { "content-type": "text/event-stream" });
    this.#outgoing.flushHeaders();
  }
  send(event: unknown): void {
    const text = typeof event === "string" ? event : JSON.stringify(event);
    this.#outgoing.write(`data: ${text}\n\n`);
  }
  refuse(error: RbeeError): void {
    const headers = { "content-type": "application/json" };
    this.#outgoing.writeHead(errorStatus(error), headers);
    this.#outgoing.end(JSON.stringify({ error: errorToWire(error, "c1") }));
  }
  answer(status: number, text: string): void {
    this.#outgoing.writeHead(status).end(text);
  }
  end = () => void this.#outgoing.end();
  cut = () => void this.request.socket.destroy();
}

const task = { phase: "inferring", tokens_per_sec: 12 };
const stateOf = (uptime: number, tasks: readonly object[] = []) => ({
  type: "state",
  queen: { uptime },
  tasks,
});
const uptimeOf = ({ state }: LiveSnapshot) =>
  (state as unknown as { queen: { uptime: number } } | undefined)?.queen.uptime;

describe("the live state", () => {
  let lines: Line[];
  let live: LiveState;
  let key: string | undefined;
  let changeKey: (next: string | undefined) => void;
  let listen: (silenceMs: number) => LiveState;
  let close: () => void;
  beforeEach(async () => {
    lines = [];
    key = undefined;
    const server = createServer((incoming, outgoing) => {
      lines.push(new Line(incoming, outgoing));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const listeners = new Set<() => void>();
    changeKey = (next) => {
      key = next;
      for (const listener of listeners) listener();
    };
    const session: ConsoleSession = {
      queen: createQueenClient({ baseUrl: `http://127.0.0.1:${port}`, key: () => key }),
      hasKey: () => key !== undefined,
      signIn: changeKey,
      signOut: () => changeKey(undefined),
      onChange(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    listen = (silenceMs) => createLiveState(session, { silenceMs, delaysMs });
    live = listen(60_000);
    close = () => {
      live.close();
      server.closeAllConnections();
      server.close();
    };
  });
  afterEach(() => close());

  /** The next time that the queen is asked for her events. */
  const asked = async (count: number) => {
    await eventually(() => lines.length >= count, { what: `line ${count}` });
    return lines[count - 1] as Line;
  };
  const becomes = (link: LiveSnapshot["link"]) =>
    eventually(() => live.current().link === link, { what: link });

  it("is a snapshot first and what happens after it then, each told to who listens", async () => {
    assert.equal(live.current().link, "connecting");
    const seen: unknown[] = [];
    live.subscribe(() => seen.push(uptimeOf(live.current())));
    const line = await asked(1);
    line.open();
    line.send(stateOf(1, [task, task, { ...task, phase: "queued" }]));
    await becomes("live");
    assert.equal(live.current().rates[0]?.tokensPerSecond, 24, "of what is being answered");
    line.send(stateOf(2));
    await eventually(() => uptimeOf(live.current()) === 2);
    line.send({ type: "heartbeat" });
    line.send({ type: "of a later version", state: 7 });
    await eventually(() => seen.length === 4);
    assert.deepEqual(seen, [1, 2, 2, 2], "what is no state leaves the last one there");
    assert.equal(live.current().rates.length, 2);
  });

  it("asks again when the queen is gone, keeps what she said, and is live by itself", async () => {
    const line = await asked(1);
    line.open();
    line.send(stateOf(1));
    await becomes("live");
    const { heardAtMs } = live.current();
    line.cut();
    await becomes("stale");
    assert.equal(uptimeOf(live.current()), 1);
    assert.equal(live.current().heardAtMs, heardAtMs, "it says since when it is old");
    (await asked(2)).cut();
    (await asked(3)).answer(502, "<html>");
    const back = await asked(4);
    assert.equal(live.current().link, "stale");
    back.open();
    back.send(stateOf(9));
    await becomes("live");
    assert.equal(uptimeOf(live.current()), 9);
  });

  it("goes on asking also after a stream that just ended", async () => {
    const line = await asked(1);
    line.open();
    line.send(stateOf(1));
    line.end();
    (await asked(2)).open();
    lines[1]?.send(stateOf(2));
    await eventually(() => uptimeOf(live.current()) === 2);
  });

  it("is stale when nothing comes for too long on a line that stands", async () => {
    await asked(1);
    live.close();
    live = listen(500);
    const line = await asked(2);
    line.open();
    line.send(stateOf(1));
    await becomes("live");
    await becomes("stale");
    const next = await asked(3);
    assert.equal(line.request.socket.destroyed, true, "the silent line is given up");
    next.open();
    next.send(stateOf(2));
    await becomes("live");
  });

  it("outlives an event that is no event, and asks for a new snapshot", async () => {
    for (const [index, broken] of ["{", "null", '{"type":"state"}'].entries()) {
      const line = await asked(2 * index + 1);
      line.open();
      line.send(stateOf(index));
      await eventually(() => uptimeOf(live.current()) === index);
      line.send(broken);
      await becomes("stale");
      assert.equal(uptimeOf(live.current()), index, "the last good one stays");
      (await asked(2 * index + 2)).cut();
    }
  });

  it("waits for a person when the queen wants a key, and asks at once with it", async () => {
    (await asked(1)).refuse(new RbeeError("MISSING_API_KEY", { program }));
    await becomes("locked");
    assert.equal(live.current().isKeyRefused, false, "none was shown");
    changeKey("wrong");
    (await asked(2)).refuse(new RbeeError("INVALID_API_KEY", { program }));
    await eventually(() => live.current().isKeyRefused);
    assert.equal(lines[1]?.request.headers.authorization, "Bearer wrong");
    changeKey("narrow");
    (await asked(3)).refuse(
      new RbeeError("KEY_SCOPE_DENIED", { key: "k", scope: "use", needed: "operate" }),
    );
    await eventually(() => live.current().isKeyNarrow);
    assert.equal(live.current().isKeyRefused, false);
    changeKey("right");
    const line = await asked(4);
    line.open();
    line.send(stateOf(1));
    await becomes("live");
    const { isKeyNarrow, isKeyRefused } = live.current();
    assert.deepEqual({ isKeyNarrow, isKeyRefused }, { isKeyNarrow: false, isKeyRefused: false });
    assert.equal(lines.length, 4, "nobody asked while it was locked");
  });

  it("locks when the key is revoked while its state is shown", async () => {
    await asked(1);
    changeKey("good");
    const line = await asked(2);
    line.open();
    line.send(stateOf(1));
    await becomes("live");
    const error = new RbeeError("KEY_REVOKED", { key: "anna" });
    line.send({ type: "error", error: errorToWire(error, "c1") });
    await becomes("locked");
    assert.equal(live.current().isKeyRefused, true);
  });

  it("asks nobody any more once it is closed", async () => {
    const line = await asked(1);
    line.open();
    line.send(stateOf(1));
    await becomes("live");
    live.close();
    await eventually(() => line.request.socket.destroyed);
    changeKey("late");
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(lines.length, 1);
  });
});
