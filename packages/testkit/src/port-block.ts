import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listListeningPorts } from "./listeners.ts";
import { isAlive } from "./process-table.ts";

/** Ports that belong to one box alone; nobody else who asks here gets one of them. */
export interface PortBlock {
  readonly first: number;
  readonly ports: readonly number[];
  readonly release: () => void;
}

// Below the range from which the kernel gives ports to outgoing connections.
const rangeFirst = 20_000;
const rangeEnd = 32_000;
const blockLength = 24;

/**
 * Takes a block of free ports. Other test processes on this machine take theirs in the same way:
 * a folder per block says whose it is, and a dead owner's block is free again.
 */
export async function takePortBlock(): Promise<PortBlock> {
  const blocks = Math.floor((rangeEnd - rangeFirst) / blockLength);
  const start = Math.floor(Math.random() * blocks);
  for (let step = 0; step < blocks; step += 1) {
    const first = rangeFirst + ((start + step) % blocks) * blockLength;
    const folder = join(tmpdir(), "rbee-testkit-ports", String(first));
    if (!claim(folder)) continue;
    const ports = Array.from({ length: blockLength }, (_nothing, index) => first + index);
    const release = () => rmSync(folder, { recursive: true, force: true });
    if (await areFree(ports)) return { first, ports, release };
    release();
  }
  throw new Error("no free block of ports is left on this machine");
}

function claim(folder: string): boolean {
  const owner = join(folder, "pid");
  mkdirSync(join(folder, ".."), { recursive: true });
  try {
    mkdirSync(folder);
  } catch {
    const pid = readOwner(owner);
    if (pid === undefined || isAlive(pid)) return false;
    writeFileSync(owner, String(process.pid));
    return readOwner(owner) === process.pid;
  }
  writeFileSync(owner, String(process.pid));
  return true;
}

function readOwner(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    // Somebody claims it at this very moment.
    return undefined;
  }
}

async function areFree(ports: readonly number[]): Promise<boolean> {
  const taken = listListeningPorts();
  if (ports.some((port) => taken.has(port))) return false;
  return (await Promise.all(ports.map(canListen))).every(Boolean);
}

function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
