import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  addMessage,
  changeMessage,
  Conversation,
  joinConversations,
  pathOf,
  promptOf,
  showBranch,
  siblingsOf,
} from "./conversation.ts";
import type { ChatMessage } from "./conversation.ts";

const empty: Conversation = {
  id: "c",
  title: "New",
  changedAtMs: 0,
  model: "hello-bee",
  system: "",
  sampling: {},
  messages: [],
  tip: null,
};

const say = (
  id: string,
  parent: string | null,
  role: ChatMessage["role"] = "user",
): ChatMessage => ({
  id,
  parent,
  role,
  text: `text of ${id}`,
});

function talk(...messages: readonly ChatMessage[]): Conversation {
  return messages.reduce((before, message) => addMessage(before, message, 1), empty);
}

const ids = (messages: readonly ChatMessage[]) => messages.map(({ id }) => id);

describe("a conversation", () => {
  it("shows its messages in their order and takes its title from the first question", () => {
    const conversation = talk(say("a", null), say("b", "a", "assistant"), say("c", "b"));
    assert.deepEqual(ids(pathOf(conversation)), ["a", "b", "c"]);
    assert.equal(conversation.title, "text of a");
  });

  it("keeps both answers when a question is asked again, and shows the new one", () => {
    const conversation = talk(
      say("a", null),
      say("b", "a", "assistant"),
      say("b2", "a", "assistant"),
    );
    assert.deepEqual(ids(pathOf(conversation)), ["a", "b2"]);
    const [first] = conversation.messages.filter(({ id }) => id === "b");
    assert.ok(first !== undefined);
    assert.deepEqual(ids(siblingsOf(conversation, first)), ["b", "b2"]);
  });

  it("goes back to another branch with all that followed there", () => {
    const conversation = talk(
      say("a", null),
      say("b", "a", "assistant"),
      say("c", "b"),
      say("a2", null),
    );
    assert.deepEqual(ids(pathOf(conversation)), ["a2"]);
    assert.deepEqual(ids(pathOf(showBranch(conversation, "a"))), ["a", "b", "c"]);
  });

  it("gives the model the system prompt and the branch up to the question", () => {
    const conversation = {
      ...talk(say("a", null), say("b", "a", "assistant"), say("c", "b")),
      system: "Be brief.",
    };
    assert.deepEqual(
      promptOf(conversation, "a").map(({ role }) => role),
      ["system", "user"],
    );
    assert.deepEqual(promptOf(conversation, "c").at(-1), { role: "user", content: "text of c" });
  });

  it("leaves answers without a word out, and asks what was asked in a row as one", () => {
    const conversation = talk(say("a", null), say("b", "a", "assistant"), say("c", "b"));
    const silent = changeMessage(conversation, "b", { text: "" });
    assert.deepEqual(promptOf(silent, "c"), [{ role: "user", content: "text of a\n\ntext of c" }]);
  });

  it("keeps a conversation whose sampling the queen would refuse, without it", () => {
    const kept = Conversation.parse({ ...empty, sampling: { temperature: 9 } });
    assert.deepEqual(kept.sampling, {});
  });

  it("changes one message and no other", () => {
    const conversation = changeMessage(talk(say("a", null), say("b", "a", "assistant")), "b", {
      text: "new",
    });
    assert.deepEqual(
      conversation.messages.map(({ text }) => text),
      ["text of a", "new"],
    );
  });

  it("does not follow a circle for ever", () => {
    const circle = { ...talk(say("a", "b"), say("b", "a")), tip: "a" };
    assert.ok(pathOf(circle).length <= 3);
  });

  it("keeps what two tabs have said in it, each as a branch, and shows the own one", () => {
    const begun = talk(say("a", null), say("b", "a", "assistant"));
    const there = addMessage(begun, say("there", "b"), 5);
    const here = changeMessage(addMessage(begun, say("here", "b"), 6), "b", { text: "new" });
    const joined = joinConversations(there, here);
    assert.deepEqual(ids(joined.messages), ["a", "b", "here", "there"]);
    assert.deepEqual(ids(pathOf(joined)), ["a", "b", "here"]);
    assert.equal(joined.messages[1]?.text, "new");
    assert.deepEqual(ids(pathOf(showBranch(joined, "there"))), ["a", "b", "there"]);
    assert.equal(joinConversations(undefined, here), here);
    assert.equal(joinConversations(begun, here), here, "nothing to add");
  });
});
