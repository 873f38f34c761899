import { errorEntry, RbeeError } from "@rbee/contract";
import type { DoctorFinding } from "@rbee/contract";

/** An error as a finding: what the catalogue says of it, and what to do. */
export function judgeFailure(check: string, error: RbeeError): DoctorFinding {
  const entry = errorEntry(error.code);
  const explained = entry.explain?.(error.details) ?? [];
  const found = [error.message, ...explained].join("\n");
  return { check, status: "problem", found, advice: adviseOn(error).join("\n") };
}

// Where the catalogue would send the person to the doctor, or where more is known.
function adviseOn(error: RbeeError): readonly string[] {
  const usual = errorEntry(error.code).hint(error.details);
  if (RbeeError.is(error, "SSH_AUTH_FAILED")) {
    const locked = error.details.keys_tried.find((key) => key.includes("passphrase"));
    return locked === undefined ? usual : [...adviseAgent(locked), ...usual.slice(1)];
  }
  if (RbeeError.is(error, "NODE_UNREACHABLE")) {
    const { node, reason } = error.details;
    if (/No route to host|Network is unreachable/.test(reason)) {
      return ["Is it switched on, in the same network, and is its address right?"];
    }
    return [`Try it by hand: ssh ${node}`, "Its own SSH log says why: journalctl -u ssh"];
  }
  return usual.filter((line) => !line.startsWith("rbee-keeper doctor"));
}

function adviseAgent(locked: string): readonly string[] {
  const [path = "<key>"] = locked.split(" (");
  return [
    `Give the key to an agent that the queen can see: eval "$(ssh-agent)" && ssh-add ${path}`,
    "then, in the same terminal: rbee-keeper queen restart",
  ];
}
