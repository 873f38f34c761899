import { ports } from "@rbee/contract";
import type { DoctorFinding } from "@rbee/contract";

export interface WayInput {
  readonly node: string;
  readonly host: string;
  readonly port: number;
  readonly isBehindJump: boolean;
  /** What a connection to the port from here comes to; undefined: not tried. */
  readonly answer: "open" | "refused" | "silent" | undefined;
}

/** How the queen gets to a hive that answers, and what a closed port costs. */
export function judgeWay({ node, host, port, isBehindJump, answer }: WayInput): DoctorFinding {
  const check = "network";
  if (isBehindJump || answer === undefined) {
    const found = "behind a jump host or a forwarded port: everything goes through SSH";
    return { check, status: "ok", found, advice: null };
  }
  if (answer === "open") {
    return { check, status: "ok", found: `${host}:${port} is open from here`, advice: null };
  }
  const workers = { first: ports.workerBase, last: ports.workerBase + 99 };
  const closed = answer === "silent" ? "is not let through (a firewall?)" : "is refused";
  return {
    check,
    status: "warning",
    found: `SSH to ${node} works, but ${host}:${port} ${closed}: rbee forwards it over SSH`,
    advice: [
      "It works as it is. To take the tokens off SSH, let this machine in there, for example:",
      `sudo ufw allow ${port}/tcp && sudo ufw allow ${workers.first}:${workers.last}/tcp`,
    ].join("\n"),
  };
}
