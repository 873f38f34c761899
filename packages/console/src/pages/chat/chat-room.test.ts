import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AnswerEnd, AskInput } from "./ask-model.ts";
import { createChatRoom } from "./chat-room.ts";
import type { ChatRoom } from "./chat-room.ts";
import type { ChatStore } from "./chat-store.ts";
import { pathOf } from "./conversation.ts";
import type { Conversation } from "./conversation.ts";

const kept: Conversation = {
  id: "kept",
  title: "Kept",
  changedAtMs: 1,
  model: "hello-bee",
  system: "",
  sampling: { seed: 7 },
  messages: [],
  tip: null,
};
const figures = {
  node: "mac",
  tokens: 2,
  tokensPerSecond: 1,
  timeToFirstTokenMs: 3,
  ended: "EOS",
};

interface Asked extends AskInput {
  readonly end: (end: AnswerEnd) => void;
}

async function openRoom(before: readonly Conversation[] = [kept]) {
  const saved = new Map<string, Conversation>();
  const asked: Asked[] = [];
  let names = 0;
  const store: ChatStore = {
    list: async () => before,
    save: async (conversation) => void saved.set(conversation.id, conversation),
    remove: async (id) => void saved.delete(id),
  };
  const room = createChatRoom({
    store,
    ask: (input) => new Promise((end) => void asked.push({ ...input, end })),
    newId: () => `id${(names += 1)}`,
    nowMs: () => 100,
  });
  await settle();
  return { room, asked, saved };
}

// What was promised by then has been said.
const settle = () => new Promise((resolve) => void setImmediate(resolve));

const textsOf = (room: ChatRoom, id = "kept") => {
  const conversation = room.current().conversations?.find((one) => one.id === id);
  return conversation === undefined ? [] : pathOf(conversation).map(({ text }) => text);
};

describe("the room of conversations", () => {
  it("asks with the conversation's model and sampling, and keeps the words as they come", async () => {
    const { room, asked, saved } = await openRoom();
    room.say("kept", "Hello", null);
    assert.deepEqual(asked[0]?.request, {
      model: "hello-bee",
      messages: [{ role: "user", content: "Hello" }],
      seed: 7,
    });
    asked[0]?.onProgress({ text: "Hi", lines: [], progress: undefined });
    assert.deepEqual(textsOf(room), ["Hello", "Hi"]);
    room.flush();
    assert.equal(saved.get("kept")?.messages.at(-1)?.text, "Hi");
    asked[0]?.end({ text: "Hi there", figures, failure: undefined });
    await settle();
    assert.deepEqual(textsOf(room), ["Hello", "Hi there"]);
    assert.equal(room.current().answers["kept"], undefined);
    // The end of an answer is written down at once.
    assert.deepEqual(saved.get("kept")?.messages.at(-1)?.figures, figures);
  });

  it("keeps the part of an answer that failed, and says how until the next question", async () => {
    const { room, asked } = await openRoom();
    const failure = { title: "It died", lines: [], hints: [], code: "WORKER_CRASHED" };
    room.say("kept", "Hello", null);
    asked[0]?.end({ text: "Hi", figures, failure });
    await settle();
    assert.deepEqual(textsOf(room), ["Hello", "Hi"]);
    assert.equal(room.current().failures["kept"], failure);
    room.answerAgain("kept", "id1");
    assert.equal(room.current().failures["kept"], undefined);
    assert.deepEqual(textsOf(room), ["Hello", ""]);
  });

  it("stops an answer when the person says so, and when its conversation is deleted", async () => {
    const { room, asked, saved } = await openRoom();
    room.say("kept", "Hello", null);
    room.stop("kept");
    assert.equal(asked[0]?.signal.aborted, true);
    room.say("kept", "Again", null);
    room.remove("kept");
    assert.equal(asked[1]?.signal.aborted, true);
    asked[1]?.end({ text: "late", figures, failure: undefined });
    await settle();
    room.flush();
    assert.deepEqual(room.current().conversations, []);
    assert.equal(saved.size, 0);
  });

  it("lets one conversation answer while another is asked", async () => {
    const { room, asked } = await openRoom([kept, { ...kept, id: "other" }]);
    room.say("kept", "One", null);
    room.say("other", "Two", null);
    assert.equal(asked[0]?.signal.aborted, false);
    asked[0]?.end({ text: "1", figures, failure: undefined });
    await settle();
    assert.equal(room.current().answers["kept"], undefined);
    assert.notEqual(room.current().answers["other"], undefined);
  });

  it("asks after the last message that is shown", async () => {
    const { room, asked } = await openRoom();
    room.sayNext("kept", "One");
    asked[0]?.end({ text: "1", figures, failure: undefined });
    await settle();
    room.sayNext("kept", "Two");
    assert.deepEqual(textsOf(room), ["One", "1", "Two", ""]);
    room.sayNext("nobody", "Three");
    assert.equal(asked.length, 2);
  });

  it("takes in what is here already as a copy", async () => {
    const { room } = await openRoom();
    const message = { id: "m", parent: null, role: "user", text: "Q" } as const;
    room.takeIn([
      { ...kept, messages: [message], tip: "m" },
      { ...kept, id: "new" },
    ]);
    const found = room.current().conversations ?? [];
    assert.deepEqual(
      found.map(({ id, title }) => [id, title]),
      [
        ["new", "Kept"],
        ["id1", "Kept (copy)"],
        ["kept", "Kept"],
      ],
    );
    assert.deepEqual(textsOf(room, "id1"), ["Q"]);
    assert.deepEqual(textsOf(room, "kept"), []);
  });

  it("says when the browser keeps nothing, and works on", async () => {
    const fails = () => Promise.reject(new Error("no room"));
    const store: ChatStore = { list: fails, save: fails, remove: fails };
    let names = 0;
    const ask = () => new Promise<AnswerEnd>(() => {});
    const room = createChatRoom({ store, ask, newId: () => `x${(names += 1)}`, nowMs: () => 0 });
    await settle();
    assert.match(room.current().problem ?? "", /does not keep conversations: no room/);
    room.add(kept);
    room.say("kept", "Hello", null);
    assert.deepEqual(textsOf(room), ["Hello", ""]);
  });
});
