import { createRequire } from "node:module";
import { backends } from "@rbee/contract";
import type { BackendName } from "@rbee/contract";
import type { WorkerManifest } from "@rbee/settings";

interface BackendsInput {
  readonly manifest: WorkerManifest;
  /** Our own worker; its packages are looked for where it would find them itself. */
  readonly workerProgram: string;
  readonly platform: NodeJS.Platform;
  readonly architecture: string;
}

const platformNames: Readonly<Record<string, string>> = { darwin: "mac", win32: "win" };

/**
 * Backends that the installed worker program can use if the device is there. Its manifest says so;
 * for our own worker it is the llama.cpp packages that are installed, each of which holds the
 * binaries of one backend. A package that was left out on purpose has no file to resolve.
 */
export function findInstalledBackends(input: BackendsInput): ReadonlySet<BackendName> {
  const { manifest, workerProgram } = input;
  if (manifest.backends !== undefined) return new Set(manifest.backends);
  if (!manifest.command.includes(workerProgram)) return new Set(backends);
  const require = createRequire(workerProgram);
  const installed = backends.filter((backend) => {
    const name = packageOf(backend, input);
    return name === undefined ? backend === "cpu" : isResolvable(require, name);
  });
  return new Set<BackendName>(["cpu", ...installed]);
}

// node-llama-cpp has no package for ROCm: AMD's GPUs are used through Vulkan.
function packageOf(
  backend: BackendName,
  { platform, architecture }: BackendsInput,
): string | undefined {
  const base = `@node-llama-cpp/${platformNames[platform] ?? platform}-${architecture}`;
  if (backend === "cuda" || backend === "vulkan") return `${base}-${backend}`;
  return backend === "metal" ? `${base}-metal` : undefined;
}

function isResolvable(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}
