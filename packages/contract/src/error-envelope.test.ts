import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { z } from "zod";
import { errorFromWire, errorStatus, errorToWire } from "./error-envelope.ts";
import { errorCatalogue, errorEntry } from "./errors/error-catalogue.ts";
import type { ErrorCode } from "./errors/error-catalogue.ts";
import { RbeeError } from "./errors/rbee-error.ts";

const poison = "/home/bee/.secret-10.1.2.3-sk-abcdef";

// Details that no honest caller would send: every free text is poison. Names of nodes, models,
// programs, platforms and backends, and steps of ours, are public and stay readable.
const publicTexts =
  /^(?:node|model|program|backend|provider|from|state|worker_id|signal|upgrade|ours|theirs|valid|available|slots.*|deadline|reason|platform|step|missing|programs|name)$/;

function poisoned(schema: z.ZodType, name = ""): unknown {
  const definition = (schema as unknown as { _zod: { def: { type: string } } })._zod.def as {
    type: string;
    shape?: Record<string, z.ZodType>;
    element?: z.ZodType;
    innerType?: z.ZodType;
    entries?: Record<string, string>;
  };
  switch (definition.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(definition.shape ?? {}).map(([key, inner]) => [key, poisoned(inner, key)]),
      );
    case "array":
      return [poisoned(definition.element as z.ZodType, name)];
    case "optional":
    case "nullable":
      return poisoned(definition.innerType as z.ZodType, name);
    case "enum":
      return Object.values(definition.entries ?? {})[0];
    case "number":
      return 12;
    case "boolean":
      return true;
    case "string":
      return publicTexts.test(name) ? "public" : poison;
    default:
      throw new Error(`a kind of detail that this test does not know: ${definition.type}`);
  }
}

const codes = Object.keys(errorCatalogue) as ErrorCode[];

describe("the error envelope", () => {
  for (const code of codes) {
    it(`${code} keeps paths, addresses and keys out of its message`, () => {
      const details = poisoned(errorEntry(code).details);
      // INVALID_REQUEST speaks of fields, whose texts come from our own schemas.
      if (code === "INVALID_REQUEST" || code === "VERSION_MISMATCH") return;
      const body = errorToWire(new RbeeError(code, details as never), "correlation");
      assert.ok(!body.message.includes(poison), body.message);
    });

    it(`${code} survives the way over the wire`, () => {
      const details = errorEntry(code).details.parse(poisoned(errorEntry(code).details));
      const error = new RbeeError(code, details as never);
      const back = errorFromWire(JSON.parse(JSON.stringify(errorToWire(error, "c1"))));
      assert.equal(back?.code, code);
      assert.deepEqual(back?.details, details);
    });

    it(`${code} tells a person what to do next`, () => {
      const hints = errorEntry(code).hint(poisoned(errorEntry(code).details));
      assert.ok(hints.length > 0 && hints.every((hint) => hint.trim().length > 0));
    });
  }

  it("turns anything unknown into INTERNAL_ERROR without its words", () => {
    const body = errorToWire(new Error(poison), "c1");
    assert.equal(body.code, "INTERNAL_ERROR");
    assert.ok(!JSON.stringify(body).includes(poison));
    assert.equal(errorStatus(new Error("x")), 500);
  });

  it("is readable by OpenAI clients", () => {
    const errors = [{ field: "temperature", constraint: "too_big", message: "is too big" }];
    const body = errorToWire(new RbeeError("INVALID_REQUEST", { errors }), "c1");
    assert.equal(body.type, "invalid_request_error");
    assert.equal(body.param, "temperature");
  });

  it("does not read what is no error of ours", () => {
    assert.equal(errorFromWire(undefined), undefined);
    assert.equal(errorFromWire({ code: "NOPE", message: "x" }), undefined);
    const body = errorToWire(new RbeeError("NODE_NOT_FOUND", { node: "mac" }), "c1");
    assert.equal(errorFromWire({ ...body, details: {} }), undefined);
  });

  it("shows both figures of a memory error as integers", () => {
    const details = { node: "mac", model: "m", required: 6000, available: 4000 };
    for (const code of ["INSUFFICIENT_RAM", "VRAM_EXHAUSTED"] as const) {
      const body = errorToWire(new RbeeError(code, details), "c1");
      assert.match(body.message, /need 6000 MB, have 4000 MB/);
      assert.equal(errorStatus(new RbeeError(code, details)), 507);
      assert.match(errorEntry(code).hint(details).join("\n"), /Q4 instead of Q8/);
    }
  });

  it("names the layer at which loading got stuck, and the limit in minutes", () => {
    const details = {
      node: "mac",
      worker_id: "w1",
      layers_loaded: 28,
      layers_total: 32,
      elapsed_seconds: 300,
      limit_seconds: 300,
    };
    const error = new RbeeError("LOADING_TIMEOUT", details);
    assert.match(error.message, /5 minutes/);
    const explained = errorEntry("LOADING_TIMEOUT").explain?.(details).join("\n");
    assert.match(explained ?? "", /loading \(stuck at 28\/32 layers\)/);
  });
});
