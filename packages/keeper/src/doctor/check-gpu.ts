import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DoctorFinding } from "@rbee/contract";

// The engine's GPU builds weigh hundreds of megabytes and are left out of the first install. A
// machine with a GPU gets the one that fits by one npm command.

interface GpuBuild {
  readonly gpu: string;
  readonly backend: string;
  readonly packages: readonly string[];
}

const nvidia: GpuBuild = {
  gpu: "NVIDIA GPU",
  backend: "CUDA",
  packages: ["@node-llama-cpp/linux-x64-cuda", "@node-llama-cpp/linux-x64-cuda-ext"],
};
const amd: GpuBuild = {
  gpu: "AMD GPU",
  backend: "Vulkan",
  packages: ["@node-llama-cpp/linux-x64-vulkan"],
};

interface Machine {
  readonly platform: string;
  readonly architecture: string;
  /** Where rbee is installed; the engine is in a node_modules there or above. */
  readonly root: string;
  /** `/` outside tests of this file. */
  readonly systemRoot: string;
}

/** Whether the engine can use the GPU that this machine has. */
export function checkGpu(machine: Machine): DoctorFinding {
  const check = "GPU";
  if (machine.platform === "darwin") {
    return { check, status: "ok", found: "Metal comes with the engine", advice: null };
  }
  const undriven = findUndriven(machine);
  if (undriven !== undefined) return { check, status: "problem", ...undriven };
  const build = findGpu(machine);
  if (build === undefined) {
    return { check, status: "ok", found: "none found; models run on the CPU", advice: null };
  }
  const { gpu, backend, packages } = build;
  const engine = findEngine(machine.root);
  const missing = packages.filter((name) => !isBuildInstalled(name, engine));
  if (missing.length === 0) {
    return { check, status: "ok", found: `${gpu}, engine with ${backend}`, advice: null };
  }
  return {
    check,
    status: "problem",
    found: `${gpu}, but the engine's ${backend} build is not installed: models run on the CPU`,
    advice: adviseBuild(machine.root, backend, { engine, missing }),
  };
}

const nvidiaVendor = "0x10de";

// On the bus, but the kernel's part of NVIDIA's driver is not there.
function findUndriven({ platform, systemRoot }: Machine) {
  if (platform !== "linux") return undefined;
  if (existsSync(join(systemRoot, "proc/driver/nvidia/version"))) return undefined;
  const folder = join(systemRoot, "sys/bus/pci/devices");
  const devices = existsSync(folder) ? readdirSync(folder) : [];
  const read = (device: string, name: string) => {
    const path = join(folder, device, name);
    return existsSync(path) ? readFileSync(path, "utf8").trim() : "";
  };
  const isOurs = (device: string) =>
    read(device, "class").startsWith("0x03") && read(device, "vendor") === nvidiaVendor;
  if (!devices.some(isOurs)) return undefined;
  return {
    found: "NVIDIA GPU, but its driver is not loaded: models run on the CPU",
    advice:
      "Install NVIDIA's driver and restart this machine (Debian: sudo apt-get install nvidia-driver).",
  };
}

function findGpu({ platform, architecture, systemRoot }: Machine): GpuBuild | undefined {
  if (platform !== "linux" || architecture !== "x64") return undefined;
  if (existsSync(join(systemRoot, "proc/driver/nvidia/version"))) return nvidia;
  return listVendors(join(systemRoot, "sys/class/drm")).includes("0x1002") ? amd : undefined;
}

// PCI vendor ids of the graphics devices; 0x1002 is AMD.
function listVendors(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.startsWith("renderD"))
    .map((name) => join(folder, name, "device/vendor"))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, "utf8").trim());
}

interface Engine {
  readonly folder: string;
  readonly version: string;
}

function findEngine(root: string): Engine | undefined {
  for (let current = root; ; current = dirname(current)) {
    const folder = join(current, "node_modules/node-llama-cpp");
    const manifest = readPackage(folder);
    if (manifest !== undefined) return { folder, version: manifest.version };
    if (dirname(current) === current) return undefined;
  }
}

function isBuildInstalled(name: string, engine: Engine | undefined): boolean {
  if (engine === undefined) return false;
  const places = [nestedFolder(engine), dirname(engine.folder)];
  // A package of another name stands where a build was left out.
  return places.some((place) => readPackage(placeOf(place, name))?.name === name);
}

function placeOf(place: string, name: string): string {
  return place.endsWith("node_modules") ? join(place, name) : join(place, "node_modules", name);
}

// Beside the engine's code: found before the stand-in at the root, and out of reach of the root's
// package.json, whose overrides forbid the package there.
function nestedFolder({ folder }: Engine): string {
  return join(folder, "dist");
}

interface Lack {
  readonly engine: Engine | undefined;
  readonly missing: readonly string[];
}

// What `install` put somewhere is renewed by it, as a whole.
function adviseBuild(root: string, backend: string, { engine, missing }: Lack): string {
  if (existsSync(join(root, "runtime/bin/node"))) {
    return `rbee-keeper install --gpu ${backend.toLowerCase()}`;
  }
  return engine === undefined
    ? "The engine is missing: npm install"
    : fetchCommand(engine, missing);
}

function fetchCommand(engine: Engine, packages: readonly string[]): string {
  const wanted = packages.map((name) => `${name}@${engine.version}`).join(" ");
  return `npm install --no-save --ignore-scripts --prefix ${nestedFolder(engine)} ${wanted}`;
}

function readPackage(folder: string): { name: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      name: string;
      version: string;
    };
  } catch {
    return undefined;
  }
}
