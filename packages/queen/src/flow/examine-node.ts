import { RbeeError, timings } from "@rbee/contract";
import type { DoctorFinding } from "@rbee/contract";
import { judgeCondition } from "../domain/judge-condition.ts";
import { judgeFailure } from "../domain/judge-failure.ts";
import { judgeWay } from "../domain/judge-way.ts";
import { readNodeCondition } from "../domain/node-condition.ts";
import type { NodeRegistry, RegisteredNode, Ssh, SshAddress } from "../node-ports.ts";
import type { Errand, NodeAccess } from "../ports.ts";
import { conditionScript } from "./condition-script.ts";

export interface NodeDoctorOptions {
  readonly ssh: Pick<Ssh, "resolve" | "connect" | "run">;
  readonly registry: Pick<NodeRegistry, "find">;
  readonly probePort: (
    host: string,
    port: number,
    timeoutMs: number,
  ) => Promise<"open" | "refused" | "silent">;
  /** Of this queen. */
  readonly version: string;
  /** `[remote] binary_path`. */
  readonly hiveProgram: () => string | undefined;
  readonly nowMs: () => number;
}

export interface NodeExamination {
  readonly findings: readonly DoctorFinding[];
  /** False when a start of the hive there would only fail again for the same reason. */
  readonly canHaveHive: boolean;
}

/** What can be seen of a registered machine over SSH, before and beside its hive. */
export interface NodeDoctor {
  readonly examine: (node: NodeAccess, errand: Errand) => Promise<NodeExamination>;
  /** How the queen gets to a hive that answers. */
  readonly examineWay: (node: NodeAccess) => Promise<readonly DoctorFinding[]>;
}

export function createNodeDoctor(options: NodeDoctorOptions): NodeDoctor {
  const { registry } = options;
  return {
    async examine(node, errand) {
      const row = registry.find(node.name);
      if (node.isLocal || row === undefined) return { findings: [], canHaveHive: true };
      return await examineOverSsh(options, { row, node, errand });
    },
    async examineWay(node) {
      const row = registry.find(node.name);
      if (node.isLocal || row === undefined) return [];
      const { host, port } = node.hive;
      const { isBehindJump } = await options.ssh.resolve(row);
      const isHere = host === "localhost" || host === "::1" || host === "127.0.0.1";
      const isIndirect = isBehindJump || isHere;
      const timeoutMs = timings.directTryMs;
      const answer = isIndirect ? undefined : await options.probePort(host, port, timeoutMs);
      return [judgeWay({ node: node.name, host, port, isBehindJump, answer })];
    },
  };
}

interface Examining {
  readonly row: RegisteredNode;
  readonly node: NodeAccess;
  readonly errand: Errand;
}

async function examineOverSsh(
  options: NodeDoctorOptions,
  examining: Examining,
): Promise<NodeExamination> {
  const { row, errand } = examining;
  const { signal } = errand.hop;
  try {
    const address = await options.ssh.resolve(row);
    const startedAt = options.nowMs();
    await options.ssh.connect(row, { story: errand.story, signal });
    const login = loginFinding(address, options.nowMs() - startedAt);
    const findings = await examineCondition(options, examining);
    const canHaveHive = !findings.some(({ check, status }) => isFatal(check, status));
    return { findings: [login, ...findings], canHaveHive };
  } catch (error) {
    signal.throwIfAborted();
    if (!RbeeError.is(error)) throw error;
    return { findings: [judgeFailure("ssh", error)], canHaveHive: false };
  }
}

function isFatal(check: string, status: DoctorFinding["status"]): boolean {
  return status === "problem" && (check === "system" || check === "rbee there");
}

function loginFinding({ user, hostName, port, isBehindJump }: SshAddress, ms: number) {
  const way = isBehindJump ? " by way of a jump host" : "";
  const time = ms < 1 ? "the connection is open" : `${Math.round(ms)} ms`;
  const found = `${user}@${hostName}:${port} lets us in${way} (${time})`;
  const finding: DoctorFinding = { check: "ssh", status: "ok", found, advice: null };
  return finding;
}

async function examineCondition(
  { ssh, version, hiveProgram, nowMs }: NodeDoctorOptions,
  { row, node, errand }: Examining,
): Promise<readonly DoctorFinding[]> {
  const program = hiveProgram() ?? `${row.installPath}/bin/rbee-hive`;
  const words = ["sh", "-c", conditionScript, "sh", program, String(node.hive.port)];
  const before = nowMs();
  const run = await ssh.run(row, words, {
    signal: errand.hop.signal,
    timeoutMs: timings.nodeScriptTimeoutMs,
  });
  const condition = readNodeCondition(run.stdout.split("\n"));
  if (condition === undefined) {
    const said = `${run.stdout}\n${run.stderr}`.trim().split("\n").at(-1) ?? "";
    const details = {
      from: `The shell of ${node.name}`,
      expected: "a description of the machine",
      found: said === "" ? "it said nothing" : `it said: ${said.slice(0, 200)}`,
    };
    return [judgeFailure("shell", new RbeeError("INVALID_RESPONSE", details))];
  }
  const clockBetweenMs = [before, nowMs()] as const;
  return judgeCondition({ node: node.name, condition, version, clockBetweenMs });
}
