import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Browser } from "playwright-core";

const program = "chromium";
// A browser in a test has no screen, no profile of a person, and nobody to phone.
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Why no browser can be opened on this machine; undefined when one can. */
export function browserObstacle(): string | undefined {
  return findProgram() === undefined ? `there is no ${program}; install it` : undefined;
}

/** A browser of its own, which ends when it is disposed of. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findProgram();
  if (executablePath === undefined) throw new Error(browserObstacle());
  // Read by those tests only that need it.
  const { chromium } = await import("playwright-core");
  return await chromium.launch({ executablePath, args: flags });
}

function findProgram(): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
