// From no key to a queen on the network, and what goes wrong on the way. One box.

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { createQueenClient } from "@rbee/sdk";
import { createBox } from "@rbee/testkit";

const box = await createBox();
after(() => box.close());

async function keeper(...words: readonly string[]) {
  const run = await box.keeper(words);
  return { code: run.end()?.code, stdout: run.stdout(), stderr: run.stderr() };
}

const url = `http://127.0.0.1:${box.queenPort}`;
const ownKey = join(box.rbeeHome, "keys/queen.key");

describe("keys", () => {
  it("are none at first, and the list says how to make one", async () => {
    const { code, stdout } = await keeper("keys", "list");
    assert.equal(code, 0);
    assert.match(stdout, /^No API keys\. Make one: rbee-keeper keys create --name <name>$/m);
  });

  it("are made with the key alone on stdout, and the next steps on stderr", async () => {
    const { code, stdout, stderr } = await keeper(
      "keys",
      "create",
      "--name",
      "laptop",
      "--scope",
      "operate",
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^rbee_[A-Za-z0-9_-]{43}\n$/);
    assert.match(stderr, /Key 'laptop' \([0-9a-f]{6}\)\. It is shown only now/);
    assert.ok(stderr.includes(`Here rbee-keeper uses ${ownKey}.`), stderr);
    assert.match(stderr, /rbee-keeper queen restart --host 0\.0\.0\.0/);
    assert.ok(existsSync(ownKey));
    const client = createQueenClient({ baseUrl: url, key: () => stdout.trim() });
    assert.equal((await client.call("listKeys")).keys[0]?.name, "laptop");
  });

  it("have names that are free and well formed", async () => {
    const taken = await keeper("keys", "create", "--name", "laptop");
    assert.deepEqual([taken.code, taken.stdout], [1, ""]);
    assert.match(taken.stderr, /KEY_ALREADY_EXISTS[^]*rbee-keeper keys revoke --name laptop/);
    const odd = await keeper("keys", "create", "--name", "a b");
    assert.equal(odd.code, 1);
    assert.match(odd.stderr, /INVALID_REQUEST/);
    assert.equal((await keeper("keys", "create")).code, 2);
    assert.equal((await keeper("keys", "revoke")).code, 2);
  });

  it("are for models, a rate and a time, and say so in the list", async () => {
    const { code, stdout, stderr } = await keeper(
      "keys",
      "create",
      "--name",
      "app",
      "--models",
      "hello-bee,hf:org/*",
      "--models",
      "hf:a/b:Q8_0",
      "--rate",
      "60/min",
      "--expires",
      "30d",
      "--priority",
      "low",
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^rbee_[A-Za-z0-9_-]{43}\n$/);
    assert.match(stderr, /Models: +hello-bee, hf:org\/\*, hf:a\/b:Q8_0/);
    assert.match(stderr, /Rate: +60\/min[^]*Priority: +up to low/);
    const listed = await keeper("keys", "list");
    const models = String.raw`hello-bee,hf:org/\*,hf:a/b:Q8_0`;
    assert.match(listed.stdout, new RegExp(`^app +[0-9a-f]{6} +use +${models} +60/min +20`, "m"));
    assert.match(listed.stdout, /^laptop +[0-9a-f]{6} +operate +all +- +never /m);
    const { keys } = JSON.parse((await keeper("keys", "list", "--json")).stdout) as {
      keys: { name: string; expires_unix: number | null; created_unix: number }[];
    };
    const app = keys.find(({ name }) => name === "app");
    assert.equal((app?.expires_unix ?? 0) - (app?.created_unix ?? 0), 30 * 86_400);
  });

  it("are not made of what has no meaning", async () => {
    const make = (...words: readonly string[]) =>
      keeper("keys", "create", "--name", "odd", ...words);
    for (const [words, expected] of [
      [["--models", "gpt-4"], /INVALID_MODEL_REF[^]*hf:org\/\*/],
      [["--models", "hf:org*"], /INVALID_MODEL_REF/],
      [["--rate", "60"], /60\/min[^]*INVALID_REQUEST/],
      [["--rate", "0/s"], /INVALID_REQUEST/],
      [["--expires", "yesterday"], /30d[^]*INVALID_REQUEST/],
      [["--expires", "2020-01-01"], /has passed already[^]*INVALID_REQUEST/],
      [["--scope", "root"], /use, operate[^]*INVALID_REQUEST/],
    ] as const) {
      const { code, stdout, stderr } = await make(...words);
      assert.deepEqual([code, stdout], [1, ""], stderr);
      assert.match(stderr, expected);
    }
    assert.ok(!(await keeper("keys", "list")).stdout.includes("odd"));
  });

  it("have used nothing at first", async () => {
    const used = await keeper("keys", "usage", "--name", "app");
    assert.deepEqual([used.code, used.stdout], [0, "Nothing was asked for in 30 days.\n"]);
    const unknown = await keeper("keys", "usage", "--name", "nobody");
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /KEY_NOT_FOUND/);
    assert.equal((await keeper("keys", "usage", "--days", "401")).code, 1);
  });

  it("open the queen to the network with the next command", async () => {
    const { code, stdout, stderr } = await keeper("queen", "restart", "--host", "0.0.0.0");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /queen-rbee v\S+ runs at http:\/\/127\.0\.0\.1:/);
    assert.match(stderr, /stopping queen-rbee[^]*starting queen-rbee/);
    assert.equal((await keeper("workers", "list")).code, 0);
    const again = await keeper("queen", "start", "--host", "127.0.0.1");
    assert.match(again.stdout, /ran already at/);
    assert.match(again.stderr, /rbee-keeper queen restart --host/);
  });

  it("are revoked by name; one that is none is told", async () => {
    const { code, stdout } = await keeper("keys", "revoke", "--name", "laptop");
    assert.equal(code, 0);
    assert.match(stdout, /'laptop' \([0-9a-f]{6}\) is refused from now on\.$/m);
    const unknown = await keeper("keys", "revoke", "--name", "laptop");
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /KEY_NOT_FOUND[^]*rbee-keeper keys list/);
  });

  it("that are missing or wrong are told with the file, the host and how to get one", async () => {
    const wrong = join(box.root, "wrong.key");
    writeFileSync(wrong, "not-the-key-of-the-queen\n", { mode: 0o600 });
    const run = await box.keeper(["keys", "list"], {
      environment: { RBEE_KEEPER_API_KEY_FILE: wrong },
    });
    assert.equal(run.end()?.code, 1);
    assert.match(run.stderr(), /INVALID_API_KEY[^]*Invalid key for 127\.0\.0\.1/);
    assert.ok(run.stderr().includes(`Key file in use: ${wrong}`));
    const doctor = await box.keeper(["doctor"], {
      environment: { RBEE_KEEPER_API_KEY_FILE: wrong },
    });
    assert.equal(doctor.end()?.code, 1);
    assert.match(doctor.stdout(), /✓ Node\.js[^]*✗ Queen: Authentication failed/);
    const elsewhere = await box.keeper(["keys", "list"], {
      environment: { RBEE_HOME: join(box.root, "another") },
    });
    assert.match(elsewhere.stderr(), /MISSING_API_KEY[^]*keys create --name <name>/);
  });

  it("make a queen that starts on the network safe by themselves", async () => {
    assert.equal((await keeper("queen", "stop")).code, 0);
    const environment = { RBEE_HOME: join(box.root, "fresh") };
    const run = await box.keeper(["queen", "start", "--host", "0.0.0.0"], { environment });
    assert.equal(run.end()?.code, 0, run.stderr());
    assert.match(
      run.stderr(),
      /Made a key for programs on this machine: .*fresh\/keys\/queen\.key/,
    );
    assert.match(run.stderr(), /Other machines need a key: rbee-keeper keys create/);
    const refused = createQueenClient({ baseUrl: url }).call("listKeys");
    await assert.rejects(refused, /needs an API key/);
    const stopped = await box.keeper(["queen", "stop"], { environment });
    assert.equal(stopped.end()?.code, 0, stopped.stderr());
  });
});
