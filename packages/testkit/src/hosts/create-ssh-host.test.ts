import { strict as assert } from "node:assert";
import { test } from "node:test";
import { isAlive } from "../process-table.ts";
import { runProgram } from "../run-program.ts";
import type { SshHost } from "./create-ssh-host.ts";
import { createSshHost, sshHostObstacle } from "./create-ssh-host.ts";

const skip = sshHostObstacle() ?? false;

async function ask(host: SshHost, line: string, limitMs = 10_000) {
  const known = `${host.folder}/known-hosts`;
  const run = await runProgram({
    command: ["ssh", "-F", host.clientConfig, "-oBatchMode=yes"].concat(
      `-oUserKnownHostsFile=${known}`,
      "-oStrictHostKeyChecking=accept-new",
      host.name,
      line,
    ),
    environment: { PATH: process.env["PATH"] ?? "" },
    directory: "/",
    limitMs,
  });
  const end = await run.ended;
  return { code: end.code, isOverdue: end.isOverdue, stdout: run.stdout(), stderr: run.stderr() };
}

test("a host lets its key in, with a HOME and an environment of its own", { skip }, async () => {
  await using host = await createSshHost({ environment: { COLOUR: "deep blue" } });
  const answer = await ask(host, 'pwd; echo "$HOME"; echo "$COLOUR"');
  assert.deepEqual(answer.stdout.split("\n"), [host.home, host.home, "deep blue", ""]);
  assert.equal(host.countLogins(), 1);
  assert.equal((await ask(host, "exit 7")).code, 7);
  assert.equal(host.countLogins(), 2);
});

test("a host can greet before its shell does anything", { skip }, async () => {
  await using host = await createSshHost({ banner: "Don't panic", loginShell: "bash" });
  const answer = await ask(host, "echo $BASH_VERSION | wc -l");
  assert.deepEqual(answer.stdout.split("\n"), ["Don't panic", "1", ""]);
  assert.match(answer.stderr, /Don't panic/);
});

test("a frozen host answers nobody until it thaws", { skip }, async () => {
  await using host = await createSshHost();
  host.freeze();
  assert.equal((await ask(host, "true", 700)).isOverdue, true);
  host.unfreeze();
  assert.equal((await ask(host, "true")).code, 0);
});

test("a host with a changed key is refused by who knows the old one", { skip }, async () => {
  await using host = await createSshHost();
  assert.equal((await ask(host, "true")).code, 0);
  const before = host.hostKeyFingerprint();
  await host.changeHostKey();
  assert.notEqual(host.hostKeyFingerprint(), before);
  const answer = await ask(host, "true");
  assert.equal(answer.code, 255);
  assert.ok(answer.stderr.includes(host.hostKeyFingerprint()));
});

test("closing a host ends what was left in the background there", { skip }, async () => {
  const host = await createSshHost();
  const answer = await ask(host, "sleep 600 >/dev/null 2>&1 & echo $!");
  const pid = Number(answer.stdout);
  assert.equal(isAlive(pid), true);
  await host.close();
  assert.equal(isAlive(pid), false);
});
