import { z } from "zod";
import { defineError } from "./error-entry.ts";

const program = z.object({ name: z.string(), pid: z.int() });

/** Putting rbee on a machine, and taking it away. */
export const installErrors = {
  PAYLOAD_UNAVAILABLE: defineError({
    status: 502,
    retryable: true,
    title: "parts of rbee unavailable",
    details: z.object({ platform: z.string(), part: z.string(), reason: z.string() }),
    message: ({ platform }) => `A part of rbee for ${platform} cannot be had.`,
    explain: ({ part, reason }) => [`${part}: ${reason}`],
    hint: () => ["Run it again: what arrived is kept, and the rest is fetched from there on."],
    source: "spec 3, setup install and install",
  }),
  INSTALL_FAILED: defineError({
    status: 502,
    retryable: true,
    title: "installation failed",
    details: z.object({
      node: z.string(),
      /** What was being done, such as `unpacking` or `checking the version`. */
      step: z.string(),
      reason: z.string(),
      last_lines: z.array(z.string()),
    }),
    message: ({ node, step }) => `rbee could not be installed on '${node}': ${step} failed.`,
    explain: ({ reason, last_lines: lines }) => [reason, ...lines],
    hint: () => ["What was installed before is as it was. Run it again when the cause is mended."],
    source: "spec 3, setup install and install",
  }),
  PROGRAMS_RUNNING: defineError({
    status: 409,
    retryable: true,
    title: "programs are running",
    details: z.object({ root: z.string(), programs: z.array(program) }),
    message: ({ programs }) =>
      `rbee is in use: ${programs.map(({ name, pid }) => `${name} (process ${pid})`).join(", ")}.`,
    explain: ({ root }) => [`They run from ${root}.`],
    hint: () => ["Stop them: rbee-keeper queen stop"],
    source: "spec 3, uninstall",
  }),
} as const;
