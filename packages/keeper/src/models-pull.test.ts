import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createBox, eventually, startHub } from "@rbee/testkit";

const file = "hello-bee-3m-q8_0.gguf";

describe("models pull", () => {
  it("stops the download when it is interrupted, and goes on with it the next time; verify finds what changed", async () => {
    await using hub = await startHub();
    await using box = await createBox({ settings: { hive: { hub_endpoint: hub.url } } });
    const source = join(box.installation.models, "hello-bee", file);
    await hub.publish({ name: "bees/hello", files: { [file]: { path: source } } });
    hub.faults.add([{ kind: "slow", bytesPerSecond: 500_000 }]);
    const words = ["models", "pull", "hf:bees/hello", "--plain"];
    const run = await box.start("rbee-keeper", words);
    await run.waitForOutput({ stream: "stderr", pattern: /Downloading .* [1-9]\d?%/ });
    run.signal("SIGINT");
    assert.equal((await run.ended).code, 130);
    assert.match(run.stderr(), /is kept; the same command goes on from there\.\n\nCanceled\.\n$/);
    const path = join(box.home, ".local/share/rbee/models/bees/hello", file);
    let size = -1;
    // Nobody waits for it any more: it stands still.
    await eventually(() => {
      const before = size;
      size = statSync(`${path}.partial`).size;
      return size === before;
    });
    assert.equal(existsSync(path), false);
    const again = await box.keeper(words);
    assert.equal(again.end()?.code, 0, again.stderr());
    // The plain name is that of the bundled model.
    assert.match(again.stdout(), /^hello-bee-3m-q8_0-5be795 is there now on localhost \(2\.9 MB, /);
    const from = hub.counters.ranges()[0]?.[0] ?? 0;
    assert.ok(from >= size && from > 0, `it went on from byte ${from} of ${size}`);
    assert.ok(readFileSync(path).equals(readFileSync(source)));
    writeFileSync(path, Buffer.alloc(statSync(path).size));
    const verified = await box.keeper(["models", "verify", "hf:bees/hello"]);
    assert.equal(verified.end()?.code, 1);
    assert.match(verified.stderr(), /models rm \S+ --node localhost && .* pull hf:bees\/hello/);
  });
});
