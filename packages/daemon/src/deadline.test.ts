import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDeadline } from "./deadline.ts";

const nowMs = Date.parse("2026-11-23T12:00:00.000Z");
const hourMs = 3_600_000;

function deadlineMs(headers: Record<string, string>): number | undefined {
  return parseDeadline(new Headers(headers), nowMs)?.getTime();
}

const atMs = (milliseconds: number) => new Date(nowMs + milliseconds).toISOString();

test("a deadline is passed on unchanged between clocks that agree", () => {
  const deadline = { "x-request-deadline": atMs(5000) };
  assert.equal(deadlineMs(deadline), nowMs + 5000);
  assert.equal(deadlineMs({ ...deadline, "x-request-sent-at": atMs(-300) }), nowMs + 5000);
  assert.equal(deadlineMs({ "x-deadline": String(nowMs + 7) }), nowMs + 7);
});

test("between clocks that do not agree, the time that was given counts", () => {
  for (const wrongMs of [hourMs, -hourMs]) {
    const headers = {
      "x-request-deadline": atMs(wrongMs + 5000),
      "x-request-sent-at": atMs(wrongMs),
    };
    assert.equal(deadlineMs(headers), nowMs + 5000);
  }
});

test("a sending time that cannot be read changes nothing", () => {
  const headers = { "x-request-deadline": atMs(5000), "x-request-sent-at": "yesterday" };
  assert.equal(deadlineMs(headers), nowMs + 5000);
});
