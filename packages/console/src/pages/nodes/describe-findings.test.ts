import assert from "node:assert/strict";
import { it } from "node:test";
import { describeFindings } from "./describe-findings.ts";

it("counts what is wrong, in one sentence", () => {
  const of = (...statuses: ("ok" | "warning" | "problem")[]) =>
    describeFindings(statuses.map((status) => ({ status })));
  assert.equal(of("ok", "ok"), "All is well.");
  assert.equal(of("ok", "warning"), "1 warning; what mends each stands below it.");
  assert.match(of("problem", "problem", "warning"), /^2 problems and 1 warning;/);
});
