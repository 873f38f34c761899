import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { appendMessages, createChat, findLastChat } from "./chat-store.ts";

const hello = { role: "user", content: "hello\nthere" } as const;
const answer = { role: "assistant", content: "hi" } as const;

function newFolder(): string {
  return join(mkdtempSync(join(tmpdir(), "rbee-chats-")), "chats");
}

describe("conversations", () => {
  it("are kept turn by turn, for their owner only, and found again", () => {
    const folder = newFolder();
    assert.equal(findLastChat(folder), undefined);
    const chat = createChat(folder, "hello-bee", new Date("2026-11-23T12:00:00Z"));
    const grown = appendMessages(folder, chat, [hello, answer]);
    appendMessages(folder, grown, [hello]);
    const last = findLastChat(folder);
    assert.deepEqual(last?.messages, [hello, answer, hello]);
    assert.equal(last?.model, "hello-bee");
    assert.equal(statSync(chat.path).mode & 0o777, 0o600);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
  });

  it("are resumed from the latest one", () => {
    const folder = newFolder();
    for (const [hour, content] of [
      ["14", "later"],
      ["12", "earlier"],
    ]) {
      const chat = createChat(folder, "hello-bee", new Date(`2026-11-23T${hour}:00:00Z`));
      appendMessages(folder, chat, [{ role: "user", content: content ?? "" }]);
    }
    assert.equal(findLastChat(folder)?.messages[0]?.content, "later");
  });

  it("lose only a line that was cut off when the machine went down", () => {
    const folder = newFolder();
    const chat = createChat(folder, "hello-bee", new Date());
    appendMessages(folder, chat, [hello, answer]);
    appendFileSync(chat.path, '{"role":"user","con');
    assert.deepEqual(findLastChat(folder)?.messages, [hello, answer]);
  });
});
