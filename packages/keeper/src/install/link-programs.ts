import { lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { localNodeName, RbeeError } from "@rbee/contract";
import { launchers } from "@rbee/payload";
import type { InstallPlaces } from "./install-places.ts";

const names = Object.keys(launchers);

/** Throws INSTALL_FAILED when a name is taken by something that `install` did not put there. */
export function requireFreeNames(places: InstallPlaces): void {
  const foreign = names.filter((name) => stateOf(name, places) === "foreign");
  if (foreign.length === 0) return;
  const paths = foreign.map((name) => join(places.binaries, name)).join(", ");
  const reason = `${paths}: not put there by rbee-keeper install. Move it away, then run this again.`;
  const details = { node: localNodeName, step: "linking the programs", reason, last_lines: [] };
  throw new RbeeError("INSTALL_FAILED", details);
}

/** Links all programs to whatever version is in use; returns what takes the new links away. */
export function linkPrograms(places: InstallPlaces): () => void {
  mkdirSync(places.binaries, { recursive: true });
  const made = names.filter((name) => stateOf(name, places) === "free");
  const undo = () => made.forEach((name) => rmSync(join(places.binaries, name), { force: true }));
  try {
    for (const name of made) putLink(linkTarget(name, places), join(places.binaries, name));
  } catch (error) {
    undo();
    throw error;
  }
  return undo;
}

/** The links that `install` made and that are still there. */
export function listLinks(places: InstallPlaces): readonly string[] {
  return names
    .filter((name) => stateOf(name, places) === "ours")
    .map((name) => join(places.binaries, name));
}

function linkTarget(name: string, { root }: InstallPlaces): string {
  return join(root, "current/bin", name);
}

function stateOf(name: string, places: InstallPlaces): "free" | "ours" | "foreign" {
  const path = join(places.binaries, name);
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return "free";
  const isOurs = status.isSymbolicLink() && readlinkSync(path) === linkTarget(name, places);
  return isOurs ? "ours" : "foreign";
}

function putLink(target: string, path: string): void {
  const partial = `${path}.partial-${process.pid}`;
  symlinkSync(target, partial);
  renameSync(partial, path);
}
