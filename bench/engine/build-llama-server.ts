import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Builds llama-server from the source that comes with node-llama-cpp, so it is the same release.
 * Takes about a quarter of an hour on two cores, once. It is a measuring stick, not part of rbee.
 */
export function buildLlamaServer(repository: string, folder: string): string {
  const bundle = `${repository}node_modules/node-llama-cpp/llama/gitRelease.bundle`;
  if (!existsSync(folder)) {
    mkdirSync(dirname(folder), { recursive: true });
    run("git", ["clone", "--quiet", bundle, folder]);
  }
  const settings = ["-DCMAKE_BUILD_TYPE=Release", "-DLLAMA_CURL=OFF"];
  run("cmake", ["-S", folder, "-B", `${folder}/build`, ...settings]);
  run("cmake", ["--build", `${folder}/build`, "--target", "llama-server", "-j2"]);
  return `${folder}/build/bin/llama-server`;
}

function run(program: string, flags: readonly string[]): void {
  execFileSync(program, flags, { stdio: ["ignore", "inherit", "inherit"] });
}
