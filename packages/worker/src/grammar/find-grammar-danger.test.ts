import assert from "node:assert/strict";
import { it } from "node:test";
import { findGrammarDanger } from "./find-grammar-danger.ts";

it("finds repetitions that end before they begin, outside of texts", () => {
  for (const grammar of [
    'root ::= "a"{5,2}',
    'root ::= "}" [a]{ 9 , 08 }',
    'root ::= "\\""{3,0}',
  ]) {
    assert.match(findGrammarDanger(grammar) ?? "", /ends before it begins/);
  }
  const fine = [
    'root ::= "a{5,2}"',
    "root ::= [{5,2}\\]{5,2}]",
    'root ::= "a"{2,5} "b"{3} "c"{1,}',
  ];
  for (const grammar of fine) assert.equal(findGrammarDanger(grammar), undefined);
  assert.equal(findGrammarDanger('# "{5,2}\nroot ::= "a"'), undefined);
});

it("finds brackets in brackets that are too many", () => {
  const nested = (depth: number) => `root ::= ${"(".repeat(depth)}"a"${")".repeat(depth)}`;
  assert.equal(findGrammarDanger(nested(100)), undefined);
  assert.match(findGrammarDanger(nested(101)) ?? "", /brackets/);
});
