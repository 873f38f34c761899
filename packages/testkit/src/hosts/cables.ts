import { execFileSync } from "node:child_process";
import type { Subnet } from "./take-subnet.ts";

export interface Plug {
  readonly name: string;
  /** The last number of the address. */
  readonly number: number;
  /** A process in the network namespace to plug in. */
  readonly pid: number;
}

/** The last number of the address at which all hosts see this machine. */
export const gatewayNumber = 254;

/** Joins namespaces, and this machine, by cables to the switch in another namespace. */
export function plugIn(subnet: Subnet, switchPid: number, plugs: readonly Plug[]): void {
  const gateway = { name: "hub", number: gatewayNumber, pid: process.pid };
  const everyone = [...plugs, gateway];
  const lines = everyone.flatMap((plug) => {
    const device = deviceOf(subnet, plug);
    const within = `nsenter -t ${plug.pid} -n`;
    // Known neighbours: packets to a host that is cut off vanish, as they do behind a firewall.
    const neighbours = everyone
      .filter((other) => other.number !== plug.number)
      .map((other) => `${within} ip neigh add ${neighbourWords(subnet, other)} dev ${device}`);
    return [
      `ip link add ${portOf(plug.name)} type veth peer name ${device} netns ${plug.pid}`,
      `ip link set ${portOf(plug.name)} master switch up`,
      `${within} ip link set dev ${device} address ${hardwareOf(subnet, plug)} up`,
      `${within} ip address add ${subnet.addressOf(plug.number)}/24 dev ${device}`,
      ...(plug.pid === process.pid ? [] : [`${within} ip link set lo up`]),
      ...neighbours,
    ];
  });
  runIn(switchPid, [
    "set -eu",
    "ip link add switch type bridge",
    "ip link set switch up",
    ...lines,
  ]);
}

function deviceOf(subnet: Subnet, { pid }: Plug): string {
  return pid === process.pid ? `rbee${subnet.number}` : "eth0";
}

function portOf(name: string): string {
  return `to-${name}`;
}

function hardwareOf(subnet: Subnet, { number }: Plug): string {
  return ["02", "77", "00", "00", hex(subnet.number), hex(number)].join(":");
}

function hex(number: number): string {
  return number.toString(16).padStart(2, "0");
}

function neighbourWords(subnet: Subnet, plug: Plug): string {
  const address = subnet.addressOf(plug.number);
  return `${address} lladdr ${hardwareOf(subnet, plug)} nud permanent`;
}

export interface Cable {
  /** Nothing goes through any more in either direction, and nobody is told. */
  readonly cut: () => void;
  readonly mend: () => void;
  /** So many megabits per second in each direction; none: as fast as it goes. */
  readonly limit: (megabitsPerSecond: number | undefined) => void;
  /** A firewall on the host: connections to this port of it are not answered. */
  readonly closePort: (port: number) => void;
  readonly openPort: (port: number) => void;
  /** A firewall on the host: whoever has this address gets no answer at all. */
  readonly shun: (address: string) => void;
}

export function cableOf(name: string, pid: number, switchPid: number): Cable {
  const port = portOf(name);
  const limitWords = (megabits: number) =>
    `root tbf rate ${megabits}mbit burst ${Math.max(16, megabits)}kb latency 200ms`;
  const rule = (port: number) => `ipproto tcp sport ${port} blackhole`;
  return {
    cut: () => runIn(switchPid, [`ip link set ${port} down`]),
    mend: () => runIn(switchPid, [`ip link set ${port} up`]),
    limit: (megabits) => {
      const change = (device: string) =>
        megabits === undefined
          ? `tc qdisc del dev ${device} root 2>/dev/null || true`
          : `tc qdisc replace dev ${device} ${limitWords(megabits)}`;
      runIn(pid, [change("eth0")]);
      runIn(switchPid, [change(port)]);
    },
    closePort: (port) => runIn(pid, [`ip rule add ${rule(port)}`]),
    openPort: (port) => runIn(pid, [`ip rule del ${rule(port)}`]),
    shun: (address) => runIn(pid, [`ip rule add to ${address} blackhole`]),
  };
}

function runIn(pid: number, lines: readonly string[]): void {
  execFileSync("nsenter", ["-t", String(pid), "-n", "sh", "-c", lines.join("\n")], {
    stdio: "pipe",
  });
}
