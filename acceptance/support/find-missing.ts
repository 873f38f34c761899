import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { hostNetworkObstacles } from "@rbee/testkit";

// Looked up once: the look makes namespaces.
let obstacles: string[] | undefined;

// What a scenario may need of the machine besides Node, by its tag.
const needs: Readonly<Record<string, () => string[]>> = {
  "@needs-root": () => (process.getuid?.() === 0 ? [] : ["root (for mounts of its own)"]),
  "@three-hosts": () => (obstacles ??= hostNetworkObstacles()),
  "@needs-linux": () => (process.platform === "linux" ? [] : ["Linux"]),
  "@needs-faketime": () => (findFaketime() === undefined ? ["the package faketime"] : []),
  "@needs-script": () => (isOnPath("script") ? [] : ["the package util-linux (script)"]),
};

/** What the scenario with this tag needs and this machine does not have. */
export function findMissing(tag: string): string[] {
  return needs[tag]?.() ?? [];
}

const libraries = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map(
  (triplet) => `/usr/lib/${triplet}/faketime/libfaketime.so.1`,
);

/** The library that shows another clock to a program. */
export function findFaketime(): string | undefined {
  return libraries.find((path) => existsSync(path));
}

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .some((folder) => existsSync(join(folder, program)));
}
