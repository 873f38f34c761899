import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { renderConfiguration } from "./render-configuration.ts";
import type { InstallPlaces } from "./install-places.ts";

/** Writes the commented example unless there is a configuration. True when it was written. */
export function writeConfiguration(places: InstallPlaces, exampleFile: string): boolean {
  if (existsSync(places.configFile)) return false;
  mkdirSync(dirname(places.configFile), { recursive: true });
  const models = places.isSystem ? places.models : undefined;
  const text = renderConfiguration(readFileSync(exampleFile, "utf8"), models);
  try {
    // Whoever wrote one meanwhile keeps it.
    writeFileSync(places.configFile, text, { flag: "wx", mode: 0o644 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
