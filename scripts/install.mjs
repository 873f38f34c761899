// Installs the packages that the lock file names: `runtime` without the tools of developers, or
// `full`. Safe to run twice at once; does nothing when it is done already. Plain JavaScript for the
// Node that the machine has.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as wait } from "node:timers/promises";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const marker = join(root, "node_modules/.rbee-installed");
const lock = join(root, ".cache/install.lock");

/** True when what `kind` needs is there and as new as the lock file. */
export function isInstalled(kind) {
  if (!existsSync(marker)) return false;
  const isCurrent = statSync(marker).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs;
  const installed = readFileSync(marker, "utf8").trim();
  return isCurrent && (installed === "full" || installed === kind);
}

/**
 * Installs what the lock file says; returns the exit code. Not `npm ci`: that refuses a lock file
 * that lacks optional packages of platforms which a registry does not have.
 */
export async function install(wanted) {
  // Whoever has the tools of developers keeps them.
  const kind = existsSync(join(root, "node_modules/@cucumber/cucumber")) ? "full" : wanted;
  const [major = 0] = process.versions.node.split(".").map(Number);
  if (major < 20) {
    console.error(`rbee: Node.js 20 or newer is needed, this is ${process.versions.node}.`);
    return 1;
  }
  await takeLock();
  try {
    if (isInstalled(kind)) return 0;
    const startedAt = Date.now();
    console.error(`rbee: installing packages (${kind}); this happens once ...`);
    const words = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
    const without = kind === "runtime" ? ["--omit=dev"] : [];
    const npm = spawnSync("npm", [...words, ...without], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (npm.status !== 0) {
      console.error("rbee: npm could not install the packages; its words are above.");
      return 1;
    }
    writeFileSync(marker, `${kind}\n`);
    bundle();
    console.error(`rbee: installed in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
    return 0;
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

// One file per program starts in half the time; rbee also runs from its sources without it.
function bundle() {
  const script = join(root, "scripts/with-node24.mjs");
  const made = spawnSync(process.execPath, [script, join(root, "scripts/bundle.ts")], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (made.status !== 0) console.error("rbee: bundling failed; running from the sources instead.");
}

// A folder is made by one process only. Its owner's id inside tells whether that one still lives.
async function takeLock() {
  mkdirSync(dirname(lock), { recursive: true });
  for (let hasSpoken = false; ; hasSpoken = true) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, "pid"), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!isOwnerAlive()) rmSync(lock, { recursive: true, force: true });
    else if (!hasSpoken) console.error("rbee: another process installs the packages; waiting ...");
    await wait(200);
  }
}

function isOwnerAlive() {
  try {
    process.kill(Number(readFileSync(join(lock, "pid"), "utf8")), 0);
    return true;
  } catch (error) {
    // No file yet: its owner has just made the folder. Not permitted: it lives under another user.
    const age = existsSync(lock) ? Date.now() - statSync(lock).mtimeMs : 0;
    return error.code === "EPERM" || (error.code === "ENOENT" && age < 2000);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await install(process.argv[2] === "full" ? "full" : "runtime");
}
