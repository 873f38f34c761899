import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorCatalogue, errorEntry, errorToWire, RbeeError } from "@rbee/contract";
import type { ErrorCode } from "@rbee/contract";
import { createQueenClient } from "@rbee/sdk";
import type { z } from "zod";
import { describeFailure, failureFromBody } from "./describe-failure.ts";

/** Details as a queen could send them for any code: a word, a number, the first of a choice. */
function detailsOf(schema: z.ZodType, leavesOptional: boolean): unknown {
  const { def } = schema._zod as unknown as {
    def: {
      type: string;
      shape?: Record<string, z.ZodType>;
      element?: z.ZodType;
      innerType?: z.ZodType;
      entries?: Record<string, string>;
    };
  };
  const inner = (part: z.ZodType | undefined) =>
    part === undefined ? undefined : detailsOf(part, leavesOptional);
  switch (def.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(def.shape ?? {}).map(([name, part]) => [name, inner(part)]),
      );
    case "array":
      return [inner(def.element)];
    case "optional":
      return leavesOptional ? undefined : inner(def.innerType);
    case "nullable":
      return leavesOptional ? null : inner(def.innerType);
    case "enum":
      return Object.values(def.entries ?? {})[0];
    case "number":
      return 12;
    case "boolean":
      return true;
    case "string":
      return "word";
    default:
      throw new Error(`a kind of detail that this test does not know: ${def.type}`);
  }
}

const codes = Object.keys(errorCatalogue) as ErrorCode[];
const isSaid = (line: string) => line.trim() !== "" && !/undefined|NaN|\[object/.test(line);

describe("a failure as a person reads it", () => {
  for (const code of codes) {
    it(`says for ${code} what happened and what to do next`, () => {
      for (const leavesOptional of [false, true]) {
        const details = detailsOf(errorEntry(code).details, leavesOptional);
        const error = new RbeeError(code, details as never);
        const { title, lines, hints, code: said } = describeFailure(error);
        assert.equal(said, code);
        assert.ok(hints.length > 0, "a next step");
        for (const line of [title, ...lines, ...hints]) assert.ok(isSaid(line), line);
        const body = errorToWire(error, "c1");
        assert.deepEqual(failureFromBody(JSON.parse(JSON.stringify(body)) as never), {
          title,
          lines,
          hints,
          code,
        });
      }
    });
  }

  it("names every field that is not right, and one in its title", () => {
    const of = (...names: string[]) =>
      describeFailure(
        new RbeeError("INVALID_REQUEST", {
          errors: names.map((field) => ({ field, constraint: "too_big", message: "is too large" })),
        }),
      );
    const both = of("top_k", "seed");
    assert.equal(both.title, "Several fields are not right");
    assert.deepEqual(both.lines, ["top_k is too large", "seed is too large"]);
    assert.match(of("seed").title, /seed is too large/);
  });

  it("says that the queen does not answer when nobody does", async () => {
    const queen = createQueenClient({
      baseUrl: "http://127.0.0.1:1",
      // What a browser throws when the connection is refused.
      fetch: () => Promise.reject(new TypeError("Failed to fetch")),
    });
    const failure = describeFailure(await queen.call("health").catch((error: unknown) => error));
    assert.equal(failure.title, "The queen does not answer");
    assert.equal(failure.code, "OFFLINE");
    assert.match(failure.hints.join("\n"), /rbee queen status/);
  });

  it("says that something else answers when the answer is no error of rbee", async () => {
    for (const body of ["<html>Bad gateway</html>", '{"error":"nope"}', ""]) {
      const queen = createQueenClient({
        baseUrl: "http://127.0.0.1:1",
        fetch: () => Promise.resolve(new Response(body, { status: 502 })),
      });
      const failure = describeFailure(await queen.call("health").catch((error: unknown) => error));
      assert.equal(failure.title, "Something else answers in the queen's place");
      assert.match(failure.lines.join("\n"), /502/);
      assert.ok(failure.hints.length > 0);
    }
  });

  it("tells what it does not know in the words that came, with a next step", () => {
    const body = { type: "server_error", param: null, details: {}, correlation_id: "c1" };
    const unknown = failureFromBody({ ...body, code: "OF_TOMORROW", message: "The moon is full." });
    assert.equal(unknown.title, "The moon is full.");
    assert.equal(unknown.code, "OF_TOMORROW");
    assert.ok(unknown.hints.length > 0);
    for (const thrown of [new Error("it broke"), "it broke"]) {
      const failure = describeFailure(thrown);
      assert.deepEqual(failure.lines, ["it broke"]);
      assert.ok(failure.hints.length > 0);
    }
  });
});
