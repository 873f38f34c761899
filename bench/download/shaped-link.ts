import { spawnSync } from "node:child_process";

/** A line to a machine of its own: a network namespace behind a pair of cables. */
export interface ShapedLink {
  /** The address of the machine at the other end. */
  readonly address: string;
  /** Words before a command that is to run over there. */
  readonly prefix: readonly [string, ...string[]];
  readonly close: () => void;
}

/** What is missing here for such a line; undefined when nothing is. */
export function findLinkObstacle(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "root on Linux";
  const missing = ["ip", "tc"].filter((name) => run(["sh", "-c", `command -v ${name}`]) !== 0);
  return missing.length === 0 ? undefined : `${missing.join(" and ")} (iproute2)`;
}

/** Opens a line whose other end sends at most `rate`, in the words of `tc`. */
export function openShapedLink(rate: string): ShapedLink {
  const name = `rbee-bench-${process.pid}`;
  const [near, far] = [`rb${process.pid}a`, `rb${process.pid}b`];
  const network = `10.199.${process.pid % 256}`;
  const address = `${network}.2`;
  const close = () => {
    run(["ip", "netns", "delete", name]);
    run(["ip", "link", "delete", near]);
  };
  const inside: ShapedLink["prefix"] = ["ip", "netns", "exec", name];
  const shape = ["tbf", "rate", rate, "burst", "1mb", "latency", "50ms"];
  const steps = [
    ["ip", "netns", "add", name],
    ["ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", name],
    ["ip", "address", "add", `${network}.1/30`, "dev", near],
    ["ip", "link", "set", near, "up"],
    ["ip", "-n", name, "address", "add", `${address}/30`, "dev", far],
    ["ip", "-n", name, "link", "set", far, "up"],
    ["ip", "-n", name, "link", "set", "lo", "up"],
    [...inside, "tc", "qdisc", "add", "dev", far, "root", ...shape],
  ];
  for (const words of steps) {
    if (run(words) === 0) continue;
    close();
    throw new Error(`failed: ${words.join(" ")}`);
  }
  return { address, prefix: inside, close };
}

function run([program = "", ...words]: readonly string[]): number | null {
  return spawnSync(program, words, { stdio: "ignore" }).status;
}
