import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findShortage } from "./find-shortage.ts";
import { buildFacts, buildNode } from "./placement-fixture.ts";
import type { NodeEstimate } from "./placement-facts.ts";

const request = { model: "hello-bee", mayWait: true };

function short(node: string, required: number, available: number): NodeEstimate {
  const details = { node, model: "hello-bee", required, available };
  const places = [{ pool: "ram", availableMb: available, shortMb: required - available }];
  return { verdict: "short", refusal: { code: "INSUFFICIENT_RAM", details }, places };
}

describe("what is missing for a model", () => {
  const nodes = ["one", "two", "three"].map((name) => buildNode({ name }));

  it("is told of the node that lacks least", () => {
    const estimates = { one: short("one", 900, 100), two: short("two", 900, 700) };
    const facts = buildFacts({ nodes, estimates });
    const expected = { node: "two", requiredMb: 900, availableMb: 700 };
    assert.deepEqual(findShortage(request, facts), expected);
    assert.equal(findShortage({ ...request, node: "one" }, facts)?.node, "one");
  });

  it("is nothing where nobody was asked, or memory is not what is missing", () => {
    assert.equal(findShortage(request, buildFacts({ nodes })), undefined);
    const details = { backend: "cuda", available: ["cpu"], node: "one" };
    const refused = { code: "BACKEND_UNAVAILABLE", details } as const;
    const estimates = { one: { verdict: "refused", refusal: refused } } as const;
    assert.equal(findShortage(request, buildFacts({ nodes, estimates })), undefined);
  });
});
