import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { buildConsole } from "../scripts/build-console.ts";
import { reportFindings, root } from "./repository.ts";

const built = join(root, "packages/console/built");

function readFolder(folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), readFileSync(path, "utf8")];
    }),
  );
}

describe("the built console", () => {
  it("is what its sources make", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rbee-console-"));
    try {
      await buildConsole(folder);
      const [fresh, kept] = [readFolder(folder), readFolder(built)];
      const names = new Set([...fresh.keys(), ...kept.keys()]);
      const isOld = [...names].some((name) => fresh.get(name) !== kept.get(name));
      reportFindings(isOld ? ["packages/console/built: is old; run npm run generate"] : []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
