import { z } from "zod";
import { defineError } from "./error-entry.ts";

const sshTarget = z.object({
  node: z.string(),
  host: z.string(),
  port: z.int(),
  user: z.string().optional(),
});
const fingerprint = z.string().optional();

interface Fingerprints {
  readonly recorded_fingerprint?: string | undefined;
  readonly expected_fingerprint?: string | undefined;
}

// A person said which key it must be; what is recorded was not even looked at.
function isPinned({
  recorded_fingerprint: recorded,
  expected_fingerprint: expected,
}: Fingerprints): boolean {
  return expected !== undefined && recorded === undefined;
}

/** What may go wrong on the way into a machine. */
export const sshErrors = {
  SSH_CONNECTION_TIMEOUT: defineError({
    status: 504,
    retryable: true,
    title: "ssh connection timeout",
    details: sshTarget.extend({ attempts: z.int(), timeout_ms: z.int() }),
    message: ({ node: name, attempts }) =>
      `Connection timeout: node '${name}' did not answer over SSH after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}.`,
    explain: ({ host, port, timeout_ms: limit }) => [
      `${host}:${port} was silent for ${limit / 1000} s each time.`,
    ],
    hint: ({ host, port }) => [
      "Is the host switched on and reachable, and is the port right?",
      `ssh -p ${port} ${host}`,
    ],
    source: "scenario 2",
  }),
  SSH_CONNECTION_REFUSED: defineError({
    status: 502,
    retryable: true,
    title: "ssh connection refused",
    details: sshTarget,
    message: ({ node: name }) => `Node '${name}' refused the SSH connection.`,
    explain: ({ host, port }) => [`Nothing listens at ${host}:${port}.`],
    hint: () => ["Is an SSH server running there, and is the port right?"],
    source: "spec 5",
  }),
  SSH_HOST_UNKNOWN: defineError({
    status: 502,
    retryable: false,
    title: "ssh host unknown",
    details: sshTarget,
    message: ({ node: name }) => `The host name of node '${name}' does not resolve.`,
    explain: ({ host }) => [`No address is known for ${host}.`],
    hint: () => ["Check the spelling, /etc/hosts, DNS, or use an address."],
    source: "spec 5",
  }),
  SSH_AUTH_FAILED: defineError({
    status: 502,
    retryable: false,
    title: "ssh authentication failed",
    details: sshTarget.extend({ keys_tried: z.array(z.string()) }),
    message: ({ node: name }) => `Node '${name}' denied the SSH login.`,
    explain: ({ user, host, keys_tried: keys }) => [
      `Permission denied for ${user ?? "the configured user"} at ${host}.`,
      `Keys tried: ${keys.length > 0 ? keys.join(", ") : "none"}.`,
    ],
    hint: ({ user, host }) => [
      "Check the key path (--ssh-key), and that its mode is 600: chmod 600 <key>",
      `ssh-copy-id ${user === undefined ? "" : `${user}@`}${host}`,
    ],
    source: "spec 5",
  }),
  SSH_HOST_KEY_CHANGED: defineError({
    status: 502,
    retryable: false,
    title: "ssh host key changed",
    details: sshTarget.extend({
      recorded_fingerprint: fingerprint,
      offered_fingerprint: fingerprint,
      /** What the person said that it must show. */
      expected_fingerprint: fingerprint,
    }),
    message: (details) =>
      isPinned(details)
        ? `Node '${details.node}' offers another SSH host key than the expected one.`
        : `Node '${details.node}' offers another SSH host key than the recorded one.`,
    explain: (details) => [
      isPinned(details)
        ? `Expected: ${details.expected_fingerprint}`
        : `Recorded: ${details.recorded_fingerprint ?? "unknown"}`,
      `Offered:  ${details.offered_fingerprint ?? "unknown"}`,
    ],
    hint: (details) => [
      "Is it the right machine? Compare with what this says on that machine itself:",
      "for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $key; done",
      ...(isPinned(details)
        ? []
        : [
            "Was the machine reinstalled? If you know why its key changed, accept it:",
            `rbee-keeper setup update-node --name ${details.node} --accept-host-key`,
            "While you add it: the same add-node with --accept-host-key",
          ]),
    ],
    source: "spec 5",
  }),
  SSH_KEY_NOT_FOUND: defineError({
    status: 400,
    retryable: false,
    title: "ssh key not found",
    details: z.object({
      path: z.string(),
      /** What is wrong with it, when it is there: "is a directory". */
      problem: z.string().optional(),
    }),
    message: ({ problem }) =>
      problem === undefined
        ? "The SSH key file does not exist."
        : "The SSH key file cannot be used.",
    explain: ({ path, problem }) => [
      problem === undefined ? `Looked for ${path}.` : `${path} ${problem}.`,
    ],
    hint: () => ["Name an existing key with --ssh-key, or leave it out to use your SSH config."],
    source: "spec 5",
  }),
  SSH_CLIENT_MISSING: defineError({
    status: 500,
    retryable: false,
    title: "ssh client missing",
    details: z.object({ program: z.string() }),
    message: () => "The machine of queen-rbee has no OpenSSH client.",
    explain: ({ program }) => [`${program} is not on the queen's search path.`],
    hint: () => ["Install it there, for example: sudo apt-get install openssh-client"],
    source: "spec 7, ssh",
  }),
} as const;
