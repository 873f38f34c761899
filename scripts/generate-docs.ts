// `npm run generate`: writes the pages that are derived from the code, and the built console. Tidy
// tests compare them.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildConsole } from "./build-console.ts";
import { generatePages } from "./generate-pages.ts";

const root = dirname(import.meta.dirname);

for (const { path, text } of await generatePages()) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
await buildConsole(join(root, "packages/console/built"));
