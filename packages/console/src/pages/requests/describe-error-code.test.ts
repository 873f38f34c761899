import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorCatalogue } from "@rbee/contract";
import { describeErrorCode } from "./describe-error-code.ts";

describe("an error of which only the code is known", () => {
  it("has its name and the hints that need no figures", () => {
    const { title, hints } = describeErrorCode("KEY_REVOKED") ?? { title: "", hints: [] };
    assert.notEqual(title, "");
    assert.ok(hints.length > 0);
  });

  it("never says undefined, whatever the code", () => {
    for (const code of Object.keys(errorCatalogue)) {
      const described = describeErrorCode(code);
      assert.notEqual(described?.title ?? "", "");
      assert.ok(!described?.hints.some((line) => /undefined|NaN/.test(line)), code);
    }
  });

  it("is nothing for a code that is not known here", () => {
    assert.equal(describeErrorCode("OF_TOMORROW"), undefined);
  });
});
