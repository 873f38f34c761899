import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatChatFile, parseChatFile } from "./chat-file.ts";
import type { Conversation } from "./conversation.ts";

const conversation: Conversation = {
  id: "c1",
  title: "Bees – 🐝",
  changedAtMs: 7,
  model: "hello-bee",
  system: "Be\nbrief.",
  sampling: { temperature: 0.5, seed: 7, max_tokens: 12 },
  messages: [
    { id: "q1", parent: null, role: "user", text: 'What is "a bee"?\n```js\n1\n```' },
    {
      id: "a1",
      parent: "q1",
      role: "assistant",
      text: "A bee.",
      model: "hello-bee",
      figures: {
        node: "mac",
        tokens: 3,
        tokensPerSecond: 9.5,
        timeToFirstTokenMs: null,
        ended: "EOS",
      },
    },
    { id: "a2", parent: "q1", role: "assistant", text: "" },
  ],
  tip: "a2",
};

describe("a file of conversations", () => {
  it("gives back everything that went in", () => {
    const empty = { ...conversation, id: "c2", messages: [], tip: null, sampling: {} };
    const text = formatChatFile([conversation, empty]);
    assert.deepEqual(parseChatFile(text), [conversation, empty]);
    assert.deepEqual(parseChatFile(formatChatFile([])), []);
    assert.match(text, /^\{\n.*"rbee_chats": 1/, "it says what it is, for whoever opens it");
  });

  it("is refused in words when it is something else", () => {
    const foreign = [
      "",
      "not JSON",
      "\u0000\u0001\uFFFD",
      `${formatChatFile([conversation])}}`,
      "null",
      "7",
      "[]",
      "{}",
      '[{"mapping":{},"title":"of another program"}]',
      '{"rbee_chats":1}',
      '{"rbee_chats":"1","conversations":[]}',
      '{"rbee_chats":1,"conversations":{}}',
    ];
    for (const text of foreign) {
      const said = parseChatFile(text);
      assert.equal(typeof said, "string", text);
      assert.match(said as string, /^This file (?:is not JSON|holds no conversations of rbee)/);
    }
  });

  it("says where it breaks when a conversation in it is none", () => {
    const message = { id: "q1", parent: null, role: "robot", text: "?" };
    const broken = { ...conversation, messages: [message] };
    const text = JSON.stringify({ rbee_chats: 1, conversations: [conversation, broken] });
    assert.match(parseChatFile(text) as string, /conversations\.1\.messages\.0\.role/);
  });

  it("of another version is refused with both versions", () => {
    const text = formatChatFile([conversation]).replace('"rbee_chats": 1', '"rbee_chats": 2');
    assert.match(parseChatFile(text) as string, /another version.*format is 2, and 1 is read/);
  });

  it("loses sampling that the queen would refuse, and nothing else", () => {
    const odd = { ...conversation, sampling: { temperature: 99 } };
    const text = JSON.stringify({ rbee_chats: 1, conversations: [odd] });
    assert.deepEqual(parseChatFile(text), [{ ...conversation, sampling: {} }]);
  });
});
