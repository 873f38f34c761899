import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { Installation } from "@rbee/settings";
import { requireSameVersion } from "./check-version.ts";
import { renderError } from "./output/render-error.ts";

function refusal(ours: string, theirs: string): string {
  try {
    requireSameVersion({ version: ours, root: "/opt/rbee" } as Installation, theirs);
  } catch (error) {
    assert.ok(RbeeError.is(error, "VERSION_MISMATCH"));
    const known = { correlationId: "c", configuration: undefined };
    return renderError(error, known, { isVerbose: false, hasColor: false });
  }
  throw new Error("no VERSION_MISMATCH");
}

describe("versions of keeper and queen", () => {
  it("agree when major and minor do", () => {
    requireSameVersion({ version: "0.1.0" } as Installation, "0.1.7");
  });

  it("that differ are both shown, with the command that upgrades an older keeper", () => {
    const text = refusal("0.1.0", "0.2.0");
    assert.match(text, /rbee-keeper: v0\.1\.0/);
    assert.match(text, /queen-rbee: v0\.2\.0/);
    assert.match(
      text,
      /Upgrade rbee-keeper to v0\.2\.0: cd \/opt\/rbee && git .*checkout v0\.2\.0/,
    );
  });

  it("that differ restart an older queen with the keeper's files", () => {
    const text = refusal("0.2.0", "0.1.0");
    assert.match(text, /Upgrade queen-rbee to v0\.2\.0: rbee-keeper queen stop && .* queen start/);
  });
});
