import { GrammarRules } from "./grammar-rules.ts";
import { SchemaRules } from "./schema-rules.ts";

export type SchemaGrammar =
  | { readonly isPossible: true; readonly grammar: string }
  /** What a grammar cannot say, by keyword and place. */
  | { readonly isPossible: false; readonly refusals: readonly string[] };

/** The grammar of all JSON texts that satisfy a schema, and of nothing else. */
export function buildSchemaGrammar(schema: unknown): SchemaGrammar {
  const rules = new GrammarRules();
  const written = new SchemaRules(rules, schema, { isEveryPropertyWritten: true });
  const root = written.addRoot();
  const { refusals } = written;
  return refusals.length > 0
    ? { isPossible: false, refusals: [...new Set(refusals)] }
    : { isPossible: true, grammar: rules.render(root) };
}
