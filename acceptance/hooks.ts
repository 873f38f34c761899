import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { After, Before, Status } from "@cucumber/cucumber";
import type { ITestCaseHookParameter } from "@cucumber/cucumber";
import { createBox, listListeningPorts } from "@rbee/testkit";
import { findMissing } from "./support/find-missing.ts";
import { closeNetwork, keepHostLogs, openNetwork } from "./support/three-hosts.ts";
import type { RbeeWorld } from "./world.ts";

// The first scenario over several machines may have to make their base and install rbee on them.
const openTimeoutMs = 600_000;
const closeTimeoutMs = 120_000;

Before(
  { timeout: openTimeoutMs },
  async function (this: RbeeWorld, { pickle }: ITestCaseHookParameter) {
    const missing = pickle.tags.flatMap(({ name }) => findMissing(name));
    if (missing.length > 0) {
      this.log(`skipped: needs ${missing.join(", ")}`);
      return "skipped";
    }
    const isOverHosts = pickle.tags.some(({ name }) => name === "@three-hosts");
    if (isOverHosts) {
      await openNetwork(
        this,
        pickle.tags.map(({ name }) => name),
      );
      return undefined;
    }
    this.box = await createBox();
    this.names.set("BOX", this.box.root);
    this.names.set("HOME", this.box.home);
    this.names.set("RBEE_HOME", this.box.rbeeHome);
    this.names.set("BUNDLED", join(this.box.installation.models, "hello-bee"));
    this.names.set("MODEL", "hello-bee");
    this.names.set("QUEEN_PORT", String(this.box.queenPort));
    this.names.set("HIVE_PORT", String(this.box.hivePort));
    this.names.set("WORKER_PORT", String(this.box.workerPortBase));
    this.names.set("NEXT_WORKER_PORT", String(this.box.workerPortBase + 1));
    return undefined;
  },
);

// The check for leaks is an assertion of every scenario: what is left behind fails it.
After({ timeout: closeTimeoutMs }, async function (this: RbeeWorld, { pickle, result }) {
  const hasFailed = result?.status === Status.FAILED;
  if (hasFailed) describeRun(this);
  if (this.network !== undefined) {
    if (hasFailed && !this.isHollow) await keepHostLogs(this, failureFolder(pickle.name));
    await closeNetwork(this);
    return;
  }
  if ((this.box as unknown) === undefined) return;
  if (hasFailed) keepLogs(this, failureFolder(pickle.name));
  for (const path of this.partialFiles()) rmSync(path, { force: true });
  for (const cleanup of this.cleanups.toReversed()) await cleanup();
  const { box } = this;
  try {
    await box.close();
  } catch (error) {
    // Stubs stop for nobody; a hollow scenario has to fail by its own steps.
    if (!this.isHollow) throw error;
  }
  if (listListeningPorts().has(box.queenPort)) throw new Error("the queen's port is still bound");
});

function describeRun(world: RbeeWorld): void {
  const run = world.run as typeof world.run | undefined;
  if (run === undefined) return;
  world.log(
    [`$ ${run.command.slice(2).join(" ")}`, run.stdout(), run.stderr(), JSON.stringify(run.end())]
      .join("\n")
      .slice(0, 8000),
  );
}

// The box goes with its logs; those of a failure are kept for whoever looks into it.
function keepLogs({ box }: RbeeWorld, folder: string): void {
  const logs = join(box.rbeeHome, "logs");
  if (existsSync(logs)) cpSync(logs, folder, { recursive: true });
}

function failureFolder(name: string): string {
  const folder = join(import.meta.dirname, "../.cache/failures", name.replaceAll(/\W+/g, "-"));
  rmSync(folder, { recursive: true, force: true });
  return folder;
}
