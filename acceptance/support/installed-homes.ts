import { createHash } from "node:crypto";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { createHostNetwork, makeOnce } from "@rbee/testkit";
import type { HostNetwork } from "@rbee/testkit";

const repository = join(import.meta.dirname, "../..");
const cache = join(repository, ".cache/hosts");
const makingLimitMs = 300_000;
const staleAfterMs = 900_000;

/**
 * The homes of the three hosts after `setup add-node` and `setup install` for mac and workstation:
 * made once, by these very commands, for each state of the programs.
 */
export async function ensureInstalledHomes(): Promise<string> {
  const folder = join(cache, `homes-${digestOfPrograms()}`);
  await makeOnce({
    folder,
    lock: join(cache, "installing"),
    limitMs: makingLimitMs,
    what: "the homes of hosts with rbee on them",
    make: () => makeHomes(folder),
  });
  utimesSync(folder, new Date(), new Date());
  return folder;
}

async function makeHomes(folder: string): Promise<void> {
  removeStale();
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  await using network = await createHostNetwork();
  for (const node of ["mac", "workstation"]) {
    await run(network, ["setup", "add-node", "--name", node, "--ssh-host", node]);
    await run(network, ["setup", "install", "--node", node]);
  }
  await run(network, ["queen", "stop"]);
  const left = await network.findLeft();
  if (left.length > 0) throw new Error(`left behind by an installation:\n${left.join("\n")}`);
  network.saveHomes(partial);
  renameSync(partial, folder);
}

async function run(network: HostNetwork, words: readonly string[]): Promise<void> {
  const done = await network.keeper(words, { limitMs: makingLimitMs });
  if (done.end()?.code === 0) return;
  throw new Error(`rbee-keeper ${words.join(" ")}:\n${done.stdout()}${done.stderr()}`);
}

// Another run may stand on those of another state of the programs; it says so by the time of the folder.
function removeStale(): void {
  for (const name of readdirSync(cache).filter((entry) => entry.startsWith("homes-"))) {
    const path = join(cache, name);
    if (Date.now() - statSync(path).mtimeMs > staleAfterMs) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

function digestOfPrograms(): string {
  const root = resolve(process.env["RBEE_TEST_ROOT"] ?? repository);
  const hash = createHash("sha256").update(readFileSync(join(repository, "package-lock.json")));
  for (const path of listSources(root)) hash.update(path).update(readFileSync(join(root, path)));
  return hash.digest("hex").slice(0, 16);
}

function listSources(root: string): string[] {
  const folder = existsSync(join(root, "packages")) ? "packages" : ".";
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => /\.(?:js|mjs|ts|json)$/.test(path) && !path.includes("node_modules"))
    .toSorted();
}
