import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProgressEvent } from "@rbee/contract";
import { createStory } from "./create-story.ts";
import type { Terminal } from "./terminal.ts";

function openStory({ canRedraw = false, isQuiet = false, columns = 80 } = {}) {
  const texts: string[] = [];
  const terminal = {
    canRedraw,
    isPlain: !canRedraw,
    hasColor: false,
    columns,
    writeError: (text: string) => texts.push(text),
  } as unknown as Terminal;
  const story = createStory({ terminal, isQuiet, isVerbose: false });
  return { story, written: () => texts.join("") };
}

function loading(layers: number): ProgressEvent {
  return {
    type: "progress",
    stage: "loading_to_vram",
    layers_loaded: layers,
    layers_total: 100,
    vram_mb: layers,
  };
}

describe("the story in a pipe", () => {
  it("prints a bar once for every tenth part", () => {
    const { story, written } = openStory();
    for (let layers = 1; layers <= 100; layers += 1) story.show(loading(layers));
    story.endBar();
    const lines = written().trimEnd().split("\n");
    assert.equal(lines.length, 11);
    assert.match(lines.at(-1) ?? "", /100\/100 layers/);
    assert.ok(!written().includes("\u001b"));
  });

  it("prints where a bar stood when it broke off", () => {
    const { story, written } = openStory();
    story.show(loading(28));
    story.show(loading(29));
    story.show({
      type: "progress",
      stage: "retrying",
      attempt: 2,
      of: 6,
      delay_ms: 100,
      reason: "reset",
    });
    assert.match(written(), /28\/100[^\n]*\n[^\n]*29\/100[^\n]*\nRetrying: attempt 2\/6/);
  });
});

describe("the story in a terminal", () => {
  it("draws the bar on one line, and narration above it", () => {
    const { story, written } = openStory({ canRedraw: true });
    story.show(loading(10));
    story.narrate({ action: "note", human: "a note" });
    story.show(loading(20));
    story.endBar();
    const erase = "\r\u001b[2K";
    const [first = "", second = ""] = written().split("\n");
    assert.match(first, /Loading .*10\/100/);
    assert.ok(first.startsWith(erase) && first.endsWith(`${erase}[rbee-keeper] a note`), first);
    assert.match(second, /20\/100/);
    assert.ok(written().endsWith("\n"));
  });

  it("leaves a full bar behind when the story goes on", () => {
    const { story, written } = openStory({ canRedraw: true });
    const bytes = 4 * 1024 * 1024;
    story.show({
      type: "progress",
      stage: "sending",
      bytes_sent: bytes,
      bytes_total: bytes,
      speed_mbps: 2,
      eta_seconds: 0,
    });
    story.narrate({ action: "note", human: "what comes after" });
    assert.match(
      written(),
      /Sending \[█{20}\] 100% \(4\.0 MB \/ 4\.0 MB\) 2\.0 MB\/s ETA 0 s\n\[rbee-keeper\] what comes after\n$/,
    );
  });

  it("cuts a bar that is wider than the terminal, so that it can be drawn again", () => {
    const { story, written } = openStory({ canRedraw: true, columns: 20 });
    story.show(loading(10));
    assert.equal(written().length, "\r\u001b[2K".length + 19);
  });

  it("waits while an answer is written, and forgets nothing", () => {
    const { story, written } = openStory({ canRedraw: true });
    story.hold();
    story.narrate({ action: "note", human: "later" });
    assert.equal(written(), "");
    story.release();
    assert.equal(written(), "[rbee-keeper] later\n");
  });
});

describe("a quiet story", () => {
  it("says nothing", () => {
    const { story, written } = openStory({ isQuiet: true });
    story.narrate({ action: "note", human: "a note" });
    story.tell("20 tokens");
    story.show(loading(10));
    story.endBar();
    assert.equal(written(), "");
  });
});
