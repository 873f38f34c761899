import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DoctorFinding } from "@rbee/contract";

// The engine's GPU builds weigh hundreds of megabytes and are left out of the first install. A
// machine with a GPU gets the one that fits by `install --gpu`.

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
  const modules = findModules(machine.root);
  if (packages.every((name) => isBuildInstalled(name, modules))) {
    return { check, status: "ok", found: `${gpu}, engine with ${backend}`, advice: null };
  }
  return {
    check,
    status: "problem",
    found: `${gpu}, but the engine's ${backend} build is not installed: models run on the CPU`,
    advice: `A copy of rbee with it: rbee-keeper install --gpu ${backend.toLowerCase()}`,
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

// The folder of node_modules that holds the engine.
function findModules(root: string): string | undefined {
  for (let current = root; ; current = dirname(current)) {
    const modules = join(current, "node_modules");
    if (readPackage(join(modules, "node-llama-cpp")) !== undefined) return modules;
    if (dirname(current) === current) return undefined;
  }
}

// A package of another name stands where a build was left out.
function isBuildInstalled(name: string, modules: string | undefined): boolean {
  return modules !== undefined && readPackage(join(modules, name))?.name === name;
}

function readPackage(folder: string): { name: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name: string };
  } catch {
    return undefined;
  }
}
