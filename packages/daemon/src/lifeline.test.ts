import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

const module = JSON.stringify(import.meta.resolve("./lifeline.ts"));

function startChild(body: string) {
  const code = `import { watchLifeline } from ${module};\n${body}`;
  return spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["pipe", "pipe", "inherit"],
    timeout: 10_000,
  });
}

test("a process exits at once although its lifeline is still open", async () => {
  const child = startChild("watchLifeline(0, () => {}); setTimeout(() => process.exit(7), 50);");
  assert.deepEqual(await once(child, "exit"), [7, null]);
});

test("lines arrive one by one and the end of the pipe is told once", async () => {
  const child = startChild(
    `watchLifeline(0, () => console.log("end"), (line) => console.log("line", line));`,
  );
  let output = "";
  child.stdout.on("data", (text) => (output += String(text)));
  child.stdin.write("first\nsec");
  child.stdin.end("ond\n");
  await once(child, "close");
  assert.equal(output, "line first\nline second\nend\n");
});
