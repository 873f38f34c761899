import { compareVersions, errorEntry } from "@rbee/contract";
import type { NodeOnWire, NodeState } from "@rbee/contract";

export interface NodeQuestion {
  readonly name: string;
  readonly live: NodeState | undefined;
  /** Absent for the queen's own machine. */
  readonly registered: Pick<NodeOnWire, "last_error"> | undefined;
  readonly queenVersion: string | undefined;
}

/** What a person can press to mend it. */
export type NodeMend = "restart" | "install" | "host-key" | "check";

export interface NodeNote {
  readonly text: string;
  readonly level: "info" | "warning" | "problem";
  readonly mend: NodeMend | undefined;
}

export interface NodeJudgement {
  readonly label: string;
  readonly color: "green" | "gray" | "red" | "yellow";
  readonly note: NodeNote | undefined;
}

/** How a machine is, in a word, and what it needs. */
export function judgeNode(question: NodeQuestion): NodeJudgement {
  const { live } = question;
  if (live === undefined || live.status === "unknown") {
    return { label: "unknown", color: "gray", note: undefined };
  }
  if (live.status === "reachable") return judgeReachable(question, live);
  const note = judgeSilence(question, live);
  if (note?.mend === "install" && note.level === "warning") {
    return { label: "needs an upgrade", color: "yellow", note };
  }
  if (live.hive_stopped) return { label: "asleep", color: "gray", note };
  return { label: "unreachable", color: "red", note };
}

function judgeReachable(
  { queenVersion, registered }: NodeQuestion,
  live: NodeState,
): NodeJudgement {
  const { version } = live;
  if (version === null || queenVersion === undefined || version === queenVersion) {
    return { label: "reachable", color: "green", note: undefined };
  }
  const text = `rbee v${version} runs here, and the queen is v${queenVersion}.`;
  if (isNewer(version, queenVersion)) {
    const upgrade = `${text} Upgrade the queen's own machine.`;
    return { label: "reachable", color: "green", note: note(upgrade, "warning", undefined) };
  }
  const mend = registered === undefined ? "restart" : "install";
  const upgrade = `${text} It needs an upgrade.`;
  return { label: "needs an upgrade", color: "yellow", note: note(upgrade, "warning", mend) };
}

function judgeSilence(question: NodeQuestion, live: NodeState): NodeNote | undefined {
  const { name, registered } = question;
  const said = [live.last_error, registered?.last_error].flatMap((text) => text ?? []);
  const upgrade = said.find((text) => isMismatch.test(text));
  if (upgrade !== undefined) {
    return note(upgrade, "warning", registered === undefined ? "restart" : "install");
  }
  if (said.includes(errorEntry("SSH_HOST_KEY_CHANGED").message({ ...nowhere, node: name }))) {
    const text = "It shows another SSH host key than the recorded one, so nobody logs in.";
    return note(text, "problem", "host-key");
  }
  if (live.hive_stopped) return judgeSleep(question, live);
  const [first] = said;
  return note(first ?? "Nothing is known of why.", "problem", "check");
}

// A hive is started when somebody needs it. One that was never heard may not be installed.
function judgeSleep({ registered }: NodeQuestion, live: NodeState): NodeNote {
  if (registered === undefined || live.last_seen !== null) {
    return note("Its hive is not running; it starts when a model is needed.", "info", undefined);
  }
  const text =
    "rbee was not heard here yet. Install it; where it is installed, it starts when a model is needed.";
  return note(text, "info", "install");
}

// Programs of one minor version understand each other; the patch says which has fewer faults.
function isNewer(left: string, right: string): boolean {
  const patch = (version: string) => Number.parseInt(version.split(".")[2] ?? "0", 10);
  return (compareVersions(left, right) || patch(left) - patch(right)) > 0;
}

const isMismatch = /^\S+ is v\S+ but \S+ is v\S+\.$/;
const nowhere = { host: "", port: 0 };

function note(text: string, level: NodeNote["level"], mend: NodeMend | undefined): NodeNote {
  return { text, level, mend };
}
