// The programs that some tests need beside Node, and Debian's packages that bring them.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const needed = {
  chromium: "chromium",
  curl: "curl",
  debootstrap: "debootstrap",
  faketime: "faketime",
  fish: "fish",
  ip: "iproute2",
  nginx: "nginx-light",
  prometheus: "prometheus",
  ssh: "openssh-client",
  sshd: "openssh-server",
  tcsh: "tcsh",
  tmux: "tmux",
};

function missing() {
  return Object.keys(needed).filter(
    (program) => spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status !== 0,
  );
}

/**
 * Installs what is missing when this is root on Debian. Returns the programs that are still
 * missing; tests that need one of them report themselves as skipped.
 */
export function ensureSystemPackages() {
  const absent = missing();
  if (absent.length === 0) return [];
  const isRoot = process.getuid?.() === 0;
  if (isRoot && existsSync("/etc/debian_version")) {
    console.error(`installing for the tests: ${absent.join(", ")}`);
    const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...words) =>
      spawnSync("apt-get", words, { stdio: ["ignore", "ignore", "inherit"], env: environment });
    apt("update", "-qq");
    apt("install", "-y", "-qq", "--no-install-recommends", ...absent.map((name) => needed[name]));
  }
  const still = missing();
  if (still.length > 0) {
    const names = still.map((name) => needed[name]).join(" ");
    console.error(`tests that need ${still.join(", ")} are skipped; apt-get install ${names}`);
  }
  return still;
}
