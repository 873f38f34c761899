// `npm run generate`: writes the pages that are derived from the code. The tidy test compares them.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generatePages } from "./generate-pages.ts";

const root = dirname(import.meta.dirname);

for (const { path, text } of await generatePages()) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
