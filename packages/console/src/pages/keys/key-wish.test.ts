import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateKeyRequest } from "@rbee/contract";
import { noWish, requestOf } from "./key-wish.ts";

describe("the wish for a key", () => {
  it("asks for nothing that was left open", () => {
    assert.deepEqual(requestOf({ ...noWish, name: " anna " }), { name: "anna", scope: "use" });
  });

  it("asks for everything that a key can have", () => {
    const request = requestOf({
      name: "editor",
      scope: "operate",
      models: ["hf:org/*"],
      requests: 1000,
      per: "hour",
      days: 30,
      priority: "low",
    });
    assert.deepEqual(request, {
      name: "editor",
      scope: "operate",
      models: ["hf:org/*"],
      rate: { limit: 1000, window_seconds: 3600 },
      expires_in_seconds: 2_592_000,
      priority: "low",
    });
    assert.ok(CreateKeyRequest.safeParse(request).success);
  });
});
