import { z } from "zod";
import { defineError } from "./error-entry.ts";

const node = z.object({ node: z.string() });
/** Nodes and the programs on them. */
export const nodeErrors = {
  NODE_NOT_FOUND: defineError({
    status: 404,
    retryable: false,
    title: "node not registered",
    details: node,
    message: ({ node: name }) => `Node '${name}' is not in the rbee-hive registry.`,
    hint: ({ node: name }) => [
      `rbee-keeper setup add-node --name ${name} --ssh-host <address>`,
      "rbee-keeper setup list-nodes",
    ],
    source: "scenario 6",
  }),
  NODE_ALREADY_EXISTS: defineError({
    status: 409,
    retryable: false,
    title: "node exists already",
    details: node,
    message: ({ node: name }) => `Node '${name}' is registered already.`,
    hint: ({ node: name }) => [
      `rbee-keeper setup update-node --name ${name} ...`,
      `rbee-keeper setup remove-node --name ${name}`,
    ],
    source: "spec 5",
  }),
  HIVE_NOT_INSTALLED: defineError({
    status: 503,
    retryable: false,
    title: "rbee-hive not installed",
    details: node.extend({ looked_for: z.string() }),
    message: ({ node: name }) => `rbee-hive is not installed on node '${name}'.`,
    explain: ({ looked_for: program }) => [`Looked for ${program}.`],
    hint: ({ node: name }) => [`rbee-keeper setup install --node ${name}`],
    source: "spec 5",
  }),
  PLATFORM_UNSUPPORTED: defineError({
    status: 422,
    retryable: false,
    title: "platform not supported",
    details: node.extend({
      platform: z.string(),
      reason: z.string(),
      supported: z.array(z.string()),
    }),
    message: ({ node: name, platform }) => `rbee does not run on node '${name}': ${platform}.`,
    explain: ({ reason, supported }) => [reason, `Supported: ${supported.join(", ")}.`],
    hint: () => ["Nothing was changed there. rbee-keeper setup remove-node forgets the node."],
    source: "spec 3, setup install",
  }),
  INSTALL_RUNNING: defineError({
    status: 409,
    retryable: true,
    title: "installation runs already",
    details: node.extend({ lock: z.string(), pid: z.int().nullable() }),
    message: ({ node: name }) => `Another installation on node '${name}' runs at this moment.`,
    explain: ({ pid, lock }) => [
      pid === null ? "It was started from here." : `Process ${pid} there holds ${lock}.`,
    ],
    hint: ({ pid }) => [
      "Wait until it is done, then run it again if it is still needed.",
      ...(pid === null ? [] : [`If nobody installs there any more: kill ${pid} on that machine.`]),
    ],
    source: "spec 3, setup install is repeatable; two installations at once",
  }),
  BUILD_TOOLS_MISSING: defineError({
    status: 422,
    retryable: false,
    title: "build tools missing",
    details: node.extend({ missing: z.array(z.string()) }),
    message: ({ node: name, missing }) =>
      `Node '${name}' lacks what a build there needs: ${missing.join(", ")}.`,
    hint: ({ node: name }) => [
      `Install it there, or send what this machine has: rbee-keeper setup install --node ${name}`,
    ],
    source: "spec 3, setup install --from-git",
  }),
  HIVE_START_FAILED: defineError({
    status: 503,
    retryable: true,
    title: "rbee-hive did not start",
    details: node.extend({
      waited_ms: z.int(),
      exit_code: z.int().nullable(),
      signal: z.string().nullable(),
      last_lines: z.array(z.string()),
    }),
    message: ({ node: name }) => `rbee-hive did not start on node '${name}'.`,
    explain: (details) => [
      details.exit_code === null && details.signal === null
        ? `It did not answer within ${(details.waited_ms / 1000).toFixed(1)} s.`
        : `It ended with ${details.signal ?? `exit code ${details.exit_code}`}.`,
      ...details.last_lines,
    ],
    hint: ({ node: name }) => [`rbee-keeper logs --node ${name}`, "rbee-keeper doctor"],
    source: "spec 2, the hive of a node",
  }),
  HIVE_TAKEN: defineError({
    status: 409,
    retryable: true,
    title: "hive of another queen",
    details: node.extend({
      host: z.string(),
      started_by: z.string(),
      /** Seconds until it stops by itself; null while its queen listens. */
      lease_left_s: z.number().nullable(),
    }),
    message: ({ node: name }) => `rbee-hive on node '${name}' belongs to another queen.`,
    explain: ({ host, started_by: queen, lease_left_s: left }) => [
      `The hive at ${host} was started by the queen ${queen}, which is not this one.`,
      left === null
        ? "That queen listens to it now."
        : `That queen is gone; the hive stops by itself in ${Math.ceil(left)} s.`,
    ],
    hint: ({ node: name, lease_left_s: left }) => [
      left === null
        ? "Stop it where that queen runs (rbee-keeper queen stop), then run this again."
        : `Run this again in ${Math.ceil(left)} s.`,
      `On ${name} itself: rbee-hive stop`,
    ],
    source: "spec 2, a queen never stops what it did not start",
  }),
  CONNECTION_TIMEOUT: defineError({
    status: 504,
    retryable: true,
    title: "hive silent",
    details: node.extend({
      host: z.string(),
      port: z.int(),
      attempts: z.int(),
      timeout_ms: z.int(),
    }),
    message: ({ node: name, attempts }) =>
      `rbee-hive on node '${name}' did not answer after ${attempts} attempts.`,
    explain: ({ host, port, timeout_ms: limit }) => [
      `${host}:${port} accepted no answer within ${limit / 1000} s, each time.`,
    ],
    hint: ({ node: name }) => [
      `Is rbee-hive running on ${name}? rbee-keeper hive status --node ${name}`,
      `rbee-keeper logs --node ${name}`,
      `Is a firewall in between now? rbee-keeper hive start --node ${name} goes through SSH.`,
    ],
    source: "scenarios 14, 36",
  }),
  NODE_UNREACHABLE: defineError({
    status: 503,
    retryable: true,
    title: "node unreachable",
    details: node.extend({ reason: z.string() }),
    message: ({ node: name }) => `Node '${name}' is not reachable.`,
    explain: ({ reason }) => [reason],
    hint: ({ node: name }) => [`rbee-keeper doctor --node ${name}`],
    source: "spec 2, what a hive does all day",
  }),
  INVALID_RESPONSE: defineError({
    status: 502,
    retryable: true,
    title: "malformed answer",
    details: z.object({ from: z.string(), expected: z.string(), found: z.string() }),
    message: ({ from }) => `${from} gave an answer that could not be read.`,
    explain: ({ expected, found }) => [`Expected ${expected}; ${found}.`],
    hint: () => ["Restart it: rbee-keeper hive restart --node <node>"],
    source: "spec 5",
  }),
  VERSION_MISMATCH: defineError({
    status: 409,
    retryable: false,
    title: "version mismatch",
    details: z.object({
      ours: z.object({ program: z.string(), version: z.string() }),
      theirs: z.object({ program: z.string(), version: z.string() }),
      node: z.string().optional(),
      /** The program with the older version, and the command that upgrades it. */
      upgrade: z.object({ program: z.string(), to: z.string(), command: z.string() }),
    }),
    message: ({ ours, theirs }) =>
      `${ours.program} is v${ours.version} but ${theirs.program} is v${theirs.version}.`,
    explain: ({ ours, theirs }) => [
      `${ours.program}: v${ours.version}`,
      `${theirs.program}: v${theirs.version}`,
    ],
    hint: ({ upgrade }) => [`Upgrade ${upgrade.program} to v${upgrade.to}: ${upgrade.command}`],
    source: "scenarios 13, 43",
  }),
  QUEEN_UNREACHABLE: defineError({
    status: 502,
    retryable: true,
    title: "queen unreachable",
    details: z.object({
      url: z.string(),
      reason: z.string(),
      last_lines: z.array(z.string()),
    }),
    message: () => "queen-rbee does not answer.",
    explain: ({ url, reason, last_lines: lines }) => [`${url}: ${reason}`, ...lines],
    hint: () => ["rbee-keeper queen start", "rbee-keeper --queen http://127.0.0.1:<port> ..."],
    source: "spec 5",
  }),
} as const;
