// A worker that dies, stalls or talks garbage at every point of a stream, over every dialect that
// streams. It has one slot, so that the request after each fault shows that the slot is free again.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openQueen } from "./scripted-queen-fixture.ts";
import type { QueenInBox } from "./scripted-queen-fixture.ts";

const points = [
  "before-head",
  "after-head",
  "after-started",
  "after-token",
  "mid-frame",
  "after-done",
] as const;
type Point = (typeof points)[number];
type Fault = "die" | "garbage" | "stall";

const settings = { worker: { slots: 1 }, timeouts: { token_stall: 1 } };
const script = ["--fail-by-prompt", "--layers", "1"];

interface Dialect {
  readonly name: string;
  /** Asks with this prompt and checks that the answer has exactly one end; whether it is a good one. */
  readonly ask: (box: QueenInBox, prompt: string) => Promise<boolean>;
}

const dialects: readonly Dialect[] = [
  {
    name: "/v2/tasks",
    async ask(box, prompt) {
      const { text, status } = await post(box, "/v2/tasks", { prompt, max_tokens: 6 });
      assert.equal(status, 200);
      const events = readEvents(text);
      const ends = events.filter(({ type }) => type === "done" || type === "error");
      assert.equal(ends.length, 1, text);
      assert.equal(events.at(-1), ends[0], "nothing follows the terminal event");
      return ends[0]?.["type"] === "done";
    },
  },
  {
    name: "/v1/chat/completions, streamed",
    async ask(box, prompt) {
      const body = { ...chat(prompt), stream: true };
      const { text, status } = await post(box, "/v1/chat/completions", body);
      // Before the head of the answer is out, an error has a status.
      if (status !== 200) {
        requireError(status, text);
        return false;
      }
      const events = readEvents(text);
      const errors = events.filter((event) => event["error"] !== undefined);
      const finishes = events.filter((event) => finishOf(event) !== null);
      assert.equal(errors.length + finishes.length, 1, text);
      return errors.length === 0;
    },
  },
  {
    name: "/v1/chat/completions, whole",
    async ask(box, prompt) {
      const { text, status } = await post(box, "/v1/chat/completions", chat(prompt));
      if (status !== 200) requireError(status, text);
      return status === 200;
    },
  },
];

const chat = (prompt: string) => ({
  model: "hello-bee",
  messages: [{ role: "user", content: prompt }],
  max_tokens: 6,
});

async function post({ box }: QueenInBox, path: string, body: object) {
  const answer = await fetch(`http://127.0.0.1:${box.queenPort}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

function readEvents(text: string): Record<string, unknown>[] {
  const data = text
    .split("\n\n")
    .filter((frame) => frame.startsWith("data: "))
    .map((frame) => frame.slice("data: ".length));
  assert.equal(data.pop(), "[DONE]", text);
  return data.map((event) => JSON.parse(event) as Record<string, unknown>);
}

function finishOf(event: Record<string, unknown>): string | null {
  const [choice] = (event["choices"] ?? []) as { finish_reason?: string | null }[];
  return choice?.finish_reason ?? null;
}

function requireError(status: number, text: string): void {
  const { error } = JSON.parse(text) as { error: { code: string; message: string } };
  assert.ok(status !== 500 && error.code !== "INTERNAL_ERROR", text);
}

// Garbage after a whole answer is read by nobody, and death and silence come too late to matter.
function endsWell(point: Point): boolean {
  return point === "after-done";
}

async function check(fault: Fault, chosen: readonly Point[], { name, ask }: Dialect) {
  await using box = await openQueen({ script, settings });
  for (const point of chosen) {
    const isGood = await ask(box, `fault: ${fault} ${point}`);
    assert.equal(isGood, endsWell(point), `${name}, ${fault} ${point}`);
    assert.equal(await ask(box, "and now without"), true, `after ${fault} ${point} over ${name}`);
  }
}

// After five crashes within minutes a hive makes no more workers of a model.
const halves = [points.slice(0, 3), points.slice(3)] as const;

describe("a worker that dies between any two events", () => {
  for (const dialect of dialects) {
    for (const half of halves) {
      it(`ends the answer once over ${dialect.name}: ${half.join(", ")}`, async () => {
        await check("die", half, dialect);
      });
    }
  }
});

describe("a worker that talks garbage", () => {
  for (const dialect of dialects) {
    it(`ends the answer once over ${dialect.name}`, async () => {
      await check("garbage", points, dialect);
    });
  }
});

describe("a worker that stalls", () => {
  for (const dialect of dialects) {
    it(`ends the answer once over ${dialect.name}`, async () => {
      await check("stall", points, dialect);
    });
  }
});
