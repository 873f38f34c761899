import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { createBox } from "@rbee/testkit";
import type { Box } from "@rbee/testkit";

const run = promisify(execFile);
const folder = resolve(import.meta.dirname, "../../../examples");
const projects = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** What an example must have said, beyond having ended well. */
const expected: Readonly<Record<string, RegExp>> = {
  "openai-client/chat.mjs": /\(\d+ tokens\)/,
  "openai-client/models.mjs": /^hello-bee$[\s\S]*MODEL_NOT_FOUND/m,
  "openai-client/responses.mjs": /get_weather\(\{[\s\S]*\{ colour: '(?:red|green)' \}/,
  "vercel-ai-sdk/text.mjs": /\(\d+ tokens\)\n[\s\S]*\w/,
  "vercel-ai-sdk/tools.mjs": /^weather \{ place: '(?:Paris|Rome)' \}$[\s\S]*sunny/m,
  "vercel-ai-sdk/object.mjs": /job: '(?:queen|worker|drone)'/,
  "langchain/chat.mjs": /\(\d+ tokens\)\n[\s\S]*\w/,
  "langchain/tools.mjs": /^weather \{ place: '(?:Paris|Rome)' \}$/m,
  "langchain/object.mjs": /job: '(?:queen|worker|drone)'/,
};

describe("the examples", () => {
  let box: Box;
  before(async () => {
    box = await createBox();
    await box.startQueenAsOperator();
  });
  after(() => box.close());

  for (const project of projects) {
    const files = readdirSync(join(folder, project)).filter((name) => name.endsWith(".mjs"));
    for (const name of files) {
      it(`${project}/${name} runs`, async () => {
        const pattern = expected[`${project}/${name}`];
        assert.ok(pattern !== undefined, "say here what it must print");
        const { stdout } = await run(process.execPath, [name], {
          cwd: join(folder, project),
          env: { PATH: process.env["PATH"], RBEE_URL: `http://127.0.0.1:${box.queenPort}` },
          timeout: 120_000,
        });
        assert.match(stdout, pattern);
      });
    }
    it(`${project} names the packages that it imports`, () => {
      const file = join(folder, project, "package.json");
      const { dependencies } = JSON.parse(readFileSync(file, "utf8")) as {
        dependencies: Record<string, string>;
      };
      const imported = files.flatMap((name) =>
        [
          ...readFileSync(join(folder, project, name), "utf8").matchAll(
            /from "((?:@[^/"]+\/)?[^/"]+)/g,
          ),
        ].map(([, found = ""]) => found),
      );
      assert.deepEqual([...new Set(imported)].toSorted(), Object.keys(dependencies).toSorted());
    });
  }
});
