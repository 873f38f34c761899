import assert from "node:assert/strict";
import { test } from "node:test";
import { RbeeError } from "@rbee/contract";
import { requireOwnSite } from "./require-own-site.ts";

function isRefused(host: string | undefined, origin?: string): boolean {
  try {
    requireOwnSite("queen-rbee", { host, origin });
    return false;
  } catch (error) {
    assert.ok(RbeeError.is(error, "FOREIGN_SITE"));
    return true;
  }
}

test("programs that name this machine and no origin are let in", () => {
  for (const host of ["127.0.0.1:8080", "localhost:8080", "[::1]:8080", "127.0.0.5", undefined]) {
    assert.equal(isRefused(host), false, host);
  }
});

test("a page that this machine served itself is let in", () => {
  assert.equal(isRefused("127.0.0.1:8080", "http://127.0.0.1:8080"), false);
});

test("a page of another site is refused, also one without an origin of its own", () => {
  for (const origin of [
    "https://example.org",
    "null",
    "http://127.0.0.1:3000",
    "http://localhost",
  ]) {
    assert.equal(isRefused("127.0.0.1:8080", origin), true, origin);
  }
});

test("a foreign name that was made to lead here is refused", () => {
  for (const host of ["rebind.example.org:8080", "localhost.example.org", "127.0.0.1.nip.io", ""]) {
    assert.equal(isRefused(host), true, host);
  }
});
