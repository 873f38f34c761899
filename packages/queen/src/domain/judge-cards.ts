import type { DoctorFinding } from "@rbee/contract";
import type { Card, NodeCondition } from "./node-condition.ts";

const nvidia = "0x10de";
const amd = "0x1002";
const check = "gpu driver";

type GpuFacts = Pick<NodeCondition, "cards" | "hasNvidiaDriver" | "nvidiaTool">;

/** GPUs that are in the machine and cannot be used, and why. */
export function judgeCards(facts: GpuFacts): DoctorFinding[] {
  const ours = facts.cards.filter(({ vendor }) => vendor === nvidia);
  const theirs = facts.cards.filter(({ vendor, driver }) => vendor === amd && driver !== "amdgpu");
  return [...(ours.length > 0 ? [judgeNvidia(ours, facts)] : []), ...theirs.map(judgeAmd)];
}

function judgeNvidia(cards: readonly Card[], { hasNvidiaDriver, nvidiaTool }: GpuFacts) {
  const many = cards.length === 1 ? "an NVIDIA GPU" : `${cards.length} NVIDIA GPUs`;
  if (!hasNvidiaDriver) return missingDriver(many, cards);
  if (nvidiaTool === undefined) {
    return problem(
      `${many} with a driver, but without nvidia-smi: its memory cannot be seen`,
      "On that machine install the driver's tools, for example: sudo apt-get install nvidia-smi",
    );
  }
  if (nvidiaTool.exitCode === 0) return driverWorks(many);
  return problem(
    `${many}, but nvidia-smi fails: ${nvidiaTool.line}`,
    /mismatch/i.test(nvidiaTool.line)
      ? "The driver was updated: restart that machine."
      : "On that machine: nvidia-smi; install the driver again, then restart it.",
  );
}

function missingDriver(many: string, cards: readonly Card[]): DoctorFinding {
  const other = cards.find(({ driver }) => driver !== undefined)?.driver;
  const instead = other === undefined ? "" : ` (${other} has it)`;
  return problem(
    `${many}, but NVIDIA's driver is not loaded${instead}: models run on the CPU`,
    "On that machine install NVIDIA's driver and restart it (Debian: sudo apt-get install nvidia-driver).",
  );
}

function driverWorks(many: string): DoctorFinding {
  return { check, status: "ok", found: `${many}, the driver answers`, advice: null };
}

function judgeAmd({ driver }: Card): DoctorFinding {
  const instead = driver === undefined ? "no driver" : `the driver ${driver}`;
  return problem(
    `an AMD GPU with ${instead}: models run on the CPU`,
    "On that machine: the kernel's amdgpu driver and its firmware (Debian: firmware-amd-graphics).",
  );
}

function problem(found: string, advice: string): DoctorFinding {
  return { check, status: "problem", found, advice };
}
