import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { errorStatus, errorToWire, RbeeError } from "@rbee/contract";
import { createConsoleSession } from "./console-session.ts";

/** What a browser keeps: of one tab, or of all tabs of this origin. */
function openStorage(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    clear: () => kept.clear(),
    getItem: (name) => kept.get(name) ?? null,
    key: (index) => [...kept.keys()][index] ?? null,
    removeItem: (name) => void kept.delete(name),
    setItem: (name, value) => void kept.set(name, value),
  };
}

function openTab(lastingStorage = openStorage(), origin = "http://127.0.0.1:1") {
  const tabStorage = openStorage();
  const otherTabs = new EventTarget();
  const browser = { origin, tabStorage, lastingStorage, otherTabs };
  const session = createConsoleSession(browser);
  let changes = 0;
  session.onChange(() => (changes += 1));
  return { browser, session, changes: () => changes };
}

const kept = (storage: Storage) =>
  Array.from({ length: storage.length }, (_none, index) =>
    storage.getItem(storage.key(index) ?? ""),
  );

describe("a session of the console", () => {
  it("keeps a key for its tab, or for the browser, never for both", () => {
    const { browser, session, changes } = openTab();
    assert.equal(session.hasKey(), false);
    session.signIn("rbee_tab", false);
    assert.equal(session.hasKey(), true);
    assert.deepEqual(kept(browser.tabStorage), ["rbee_tab"]);
    assert.deepEqual(kept(browser.lastingStorage), []);
    session.signIn("rbee_all", true);
    assert.deepEqual(kept(browser.tabStorage), []);
    assert.deepEqual(kept(browser.lastingStorage), ["rbee_all"]);
    session.signOut();
    assert.equal(session.hasKey(), false);
    assert.deepEqual([...kept(browser.tabStorage), ...kept(browser.lastingStorage)], []);
    assert.equal(changes(), 3);
  });

  it("finds the key again after the page was loaded anew", () => {
    const { browser, session } = openTab();
    session.signIn("rbee_tab", false);
    assert.equal(createConsoleSession(browser).hasKey(), true);
    const stranger = openTab(browser.lastingStorage);
    assert.equal(stranger.session.hasKey(), false, "a key of one tab is not another's");
    session.signIn("rbee_all", true);
    assert.equal(openTab(browser.lastingStorage).session.hasKey(), true);
  });

  it("tells who listens, until they stop", () => {
    const { session } = openTab();
    const seen: boolean[] = [];
    const stop = session.onChange(() => seen.push(session.hasKey()));
    session.signIn("rbee_one", false);
    session.signOut();
    stop();
    session.signIn("rbee_two", false);
    assert.deepEqual(seen, [true, false], "with the key that is in force by then");
  });

  it("follows what another tab does with a key that is kept for all", () => {
    const one = openTab();
    const two = openTab(one.browser.lastingStorage);
    const own = openTab(one.browser.lastingStorage);
    own.session.signIn("rbee_own", false);
    const tell = () => {
      for (const { browser } of [two, own]) browser.otherTabs.dispatchEvent(new Event("storage"));
    };
    one.session.signIn("rbee_all", true);
    tell();
    assert.equal(two.session.hasKey(), true);
    one.session.signOut();
    tell();
    assert.equal(two.session.hasKey(), false);
    assert.equal(own.session.hasKey(), true, "a tab's own key is its own");
    assert.equal(two.changes(), 2);
    tell();
    assert.equal(two.changes(), 2, "nothing has changed");
    assert.equal(own.changes(), 1);
  });

  it("shows its key in a header and in no address, and none once it is signed out", async (test) => {
    const seen: IncomingMessage[] = [];
    const server = createServer((incoming, outgoing) => {
      seen.push(incoming);
      outgoing.setHeader("content-type", "application/json").end('{"tasks":[]}');
    }).listen(0, "127.0.0.1");
    test.after(() => server.closeAllConnections());
    test.after(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { session } = openTab(openStorage(), `http://127.0.0.1:${port}`);
    session.signIn("rbee_secret", true);
    await session.queen.call("listTasks");
    session.signOut();
    await session.queen.call("listTasks");
    const [first, second] = seen.map(({ headers }) => headers.authorization);
    assert.equal(first, "Bearer rbee_secret");
    assert.equal(second, undefined);
    assert.ok(!seen.some(({ url }) => url?.includes("rbee_secret")));
  });

  it("tells who listens when an answer says that the key counts no more", async (test) => {
    const refused = new RbeeError("KEY_REVOKED", { key: "anna" });
    const unknown = new RbeeError("NODE_NOT_FOUND", { node: "mac" });
    const answers = [unknown, refused];
    const server = createServer((_incoming, outgoing) => {
      const error = answers.shift() ?? unknown;
      outgoing.writeHead(errorStatus(error), { "content-type": "application/json" });
      outgoing.end(JSON.stringify({ error: errorToWire(error, "c1") }));
    }).listen(0, "127.0.0.1");
    test.after(() => server.closeAllConnections());
    test.after(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { session, changes } = openTab(openStorage(), `http://127.0.0.1:${port}`);
    session.signIn("rbee_anna", false);
    const codeOf = (error: unknown) => (RbeeError.is(error) ? error.code : String(error));
    const ask = () => session.queen.call("listTasks").then(String, codeOf);
    assert.equal(await ask(), "NODE_NOT_FOUND");
    assert.equal(changes(), 1, "that says nothing about the key");
    assert.equal(await ask(), "KEY_REVOKED");
    assert.equal(changes(), 2);
    assert.equal(session.hasKey(), true, "it is the person who gives it up");
  });
});
