import { sourceFolderName } from "@rbee/payload";
import { RbeeError, timings } from "@rbee/contract";
import type { UnpackFile } from "@rbee/payload";
import { z } from "zod";
import type { NodeErrand, RegisteredNode } from "../node-ports.ts";
import { installFailed } from "./install-failure.ts";
import { buildScript, buildToolsScript, cloneScript, pullScript } from "./node-scripts.ts";
import type { NodeShell } from "./node-shell.ts";
import type { NodeFacts } from "./probe-node.ts";
import { tellNode } from "./tell-node.ts";

const BuiltPayload = z.object({
  root: z.string(),
  name: z.string(),
  version: z.string(),
  files: z.array(
    z.object({ path: z.string(), sizeBytes: z.int(), mode: z.int(), sha256: z.string() }),
  ),
});

/** A payload that lies on the node. */
export interface PayloadThere {
  readonly root: string;
  readonly name: string;
  readonly version: string;
  readonly files: readonly UnpackFile[];
}

interface BuildInput {
  readonly node: RegisteredNode;
  readonly facts: NodeFacts;
  readonly shell: NodeShell;
  /** `[remote] git_repo_dir`: a clone of the person's own to use. */
  readonly cloneFolder: string | undefined;
  readonly errand: NodeErrand;
}

const payloadMark = "rbee-payload ";

/** Clones and builds on the node. Throws BUILD_TOOLS_MISSING, INSTALL_FAILED. */
export async function buildOnNode(input: BuildInput): Promise<PayloadThere> {
  const { facts, cloneFolder } = input;
  await requireTools(input);
  const own = `${facts.installPath}/${sourceFolderName}`;
  const clone = cloneFolder ?? `${own}/clone`;
  const commit = await fetchSources(input, clone);
  const tell = tellNode(input.errand, input.node.name);
  const what = `building ${commit.slice(0, 12)} on ${input.node.name}`;
  tell("install-build", [what, `🔨 ${what}`]);
  const lines = await runStep(input, "building", {
    script: buildScript,
    words: [clone, `${own}/payloads`, facts.gpu],
  });
  const line = lines.findLast((found) => found.startsWith(payloadMark));
  const parsed = BuiltPayload.safeParse(
    line === undefined ? undefined : JSON.parse(line.slice(payloadMark.length)),
  );
  if (parsed.success) return parsed.data;
  const reason = `${clone} holds no sources that can be built by this version.`;
  throw installFailed(input.node.name, { step: "building", reason, lastLines: lines.slice(-5) });
}

async function requireTools({ shell, node }: BuildInput): Promise<void> {
  const { lines } = await shell.run(buildToolsScript);
  const missing = lines
    .filter((line) => line.startsWith("missing="))
    .map((line) => line.slice("missing=".length));
  if (missing.length === 0) return;
  throw new RbeeError("BUILD_TOOLS_MISSING", { node: node.name, missing });
}

async function fetchSources(input: BuildInput, clone: string): Promise<string> {
  const { node, cloneFolder, errand } = input;
  const { gitRepoUrl, gitBranch, name } = node;
  const tell = tellNode(errand, name);
  const step = "fetching the sources";
  if (cloneFolder === undefined && gitRepoUrl === undefined) {
    const reason = `${name} is registered without a repository.`;
    const lastLines = [`rbee-keeper setup update-node --name ${name} --git-repo <url>`];
    throw installFailed(name, { step, reason, lastLines });
  }
  const what = `fetching ${gitBranch} of ${gitRepoUrl ?? clone}`;
  tell("install-fetch", [what, `🌿 ${what}`]);
  const lines = await runStep(
    input,
    step,
    cloneFolder === undefined
      ? { script: cloneScript, words: [clone, gitRepoUrl ?? "", gitBranch] }
      : { script: pullScript, words: [clone, gitBranch] },
  );
  return lines.find((line) => line.startsWith("commit="))?.slice("commit=".length) ?? "the sources";
}

interface Step {
  readonly script: string;
  readonly words: readonly string[];
}

// Whatever git, npm and the build say is told as it comes, but for what is meant for us.
async function runStep(
  { shell, node, errand }: BuildInput,
  step: string,
  { script, words }: Step,
): Promise<readonly string[]> {
  const tell = tellNode(errand, node.name);
  const { exitCode, lines } = await shell.run(script, {
    words,
    timeoutMs: timings.nodeBuildTimeoutMs,
    onLine: (line) => {
      if (!line.startsWith(payloadMark) && !line.startsWith("commit=")) {
        tell("install-output", [line, line]);
      }
    },
  });
  if (exitCode === 0) return lines;
  const lastLines = lines.filter((line) => line !== "").slice(-8);
  throw installFailed(node.name, {
    step,
    reason: `It ended with exit code ${exitCode}.`,
    lastLines,
  });
}
