import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../process-table.ts";

/** Addresses `10.77.N.*` and a folder that belong to one network of test hosts alone. */
export interface Subnet {
  readonly number: number;
  readonly folder: string;
  readonly addressOf: (host: number) => string;
  readonly release: () => void;
}

const claims = join(tmpdir(), "rbee-testkit-networks");

/** Takes a subnet that nobody uses; what a crashed owner left of its folder is removed. */
export function takeSubnet(): Subnet {
  mkdirSync(claims, { recursive: true });
  for (const name of readdirSync(claims)) removeStale(join(claims, name));
  const taken = Object.values(networkInterfaces()).flatMap((entries = []) =>
    entries.map(({ address }) => address),
  );
  const start = Math.floor(Math.random() * 250);
  for (let step = 0; step < 250; step += 1) {
    const number = 1 + ((start + step) % 250);
    if (taken.some((address) => address.startsWith(`10.77.${number}.`))) continue;
    const folder = join(claims, String(number));
    if (!claim(folder)) continue;
    return {
      number,
      folder,
      addressOf: (host) => `10.77.${number}.${host}`,
      release: () => rmSync(folder, { recursive: true, force: true }),
    };
  }
  throw new Error("no subnet is left for test hosts on this machine");
}

function claim(folder: string): boolean {
  try {
    mkdirSync(folder);
  } catch {
    // Somebody else's.
    return false;
  }
  writeFileSync(join(folder, "pid"), String(process.pid));
  return true;
}

function removeStale(folder: string): void {
  try {
    const owner = Number(readFileSync(join(folder, "pid"), "utf8"));
    if (!isAlive(owner)) rmSync(folder, { recursive: true, force: true });
  } catch {
    // It is being claimed or released at this very moment.
  }
}
