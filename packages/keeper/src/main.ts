#!/usr/bin/env node
import { homedir } from "node:os";
import { createInterrupts } from "./interrupts.ts";
import { runKeeper } from "./run-keeper.ts";

process.title = "rbee-keeper";
const interrupts = createInterrupts(() => process.exit(130));
process.on("SIGINT", interrupts.press);
for (const signal of ["SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => interrupts.raise("interrupted"));
}
process.exitCode = await runKeeper({
  words: process.argv.slice(2),
  environment: process.env,
  homeDirectory: homedir(),
  streams: { input: process.stdin, output: process.stdout, error: process.stderr },
  interrupts,
});
