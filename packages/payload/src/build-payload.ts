import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { RbeeError } from "@rbee/contract";
import { buildPayloadFolder } from "./build-payload-folder.ts";
import { digestFile } from "./digest-file.ts";
import { findPayloadFolder, prunePayloads } from "./payload-cache.ts";
import { getPartFolder } from "./get-part-folder.ts";
import { getProgramFolder } from "./get-program-folder.ts";
import type { NpmRegistry } from "./npm-registry.ts";
import { engineBuildParts, enginePart, runtimeParts } from "./payload-parts.ts";
import type { PackagePart } from "./payload-parts.ts";
import type { Payload, PayloadFile, PayloadInput } from "./payload.ts";
import { listMissing, planFiles } from "./plan-files.ts";
import type { PartFolder, PlannedFile } from "./plan-files.ts";
import { withLock } from "./with-lock.ts";

/** See `assemblePayload`. */
export async function buildPayload(input: PayloadInput): Promise<Payload> {
  const { installation, cacheFolder, platform, gpu, signal } = input;
  const builds = engineBuildParts(platform, gpu);
  if (builds.length === 0) {
    const reason = `there is no build of llama.cpp for ${gpu} there`;
    throw new RbeeError("PAYLOAD_UNAVAILABLE", { platform, part: "the engine", reason });
  }
  const programFolder = await getProgramFolder(input);
  const parts = await getParts(input, builds);
  const planned = await planFiles({ installation, programFolder, parts });
  requireComplete(planned, input);
  const key = await digestPlan(planned, [runtimeParts[platform], enginePart, ...builds]);
  const payloads = join(cacheFolder, "payloads");
  const name = `${installation.version}-${platform}-${gpu}-${key.slice(0, 12)}`;
  const root = join(payloads, name);
  const files =
    (await findPayloadFolder(root)) ??
    (await withLock(root, signal, async () => {
      const { onProgress } = input;
      return (
        (await findPayloadFolder(root)) ??
        (await buildPayloadFolder({ root, planned, onProgress, signal }))
      );
    }));
  await prunePayloads(payloads, `-${platform}-${gpu}-`, name);
  return describePayload(input, root, files);
}

const runtimeFiles = /^(?:bin\/node|LICENSE|package\.json)$/;
// The library's code is in our bundle; it still looks for these where it is installed.
const engineFiles =
  /^(?:package\.json|LICENSE|dist\/index\.js|llama\/(?:binariesGithubRelease|llama\.cpp\.info)\.json|llama\/grammars\/[^/]+\.gbnf)$/;
const buildFiles = /^(?:package\.json|LICENSE|dist\/.+|bins\/.+)$/;

async function getParts(
  input: PayloadInput,
  builds: readonly PackagePart[],
): Promise<PartFolder[]> {
  const { installation, platform, cacheFolder, onProgress, signal } = input;
  let registry: Promise<NpmRegistry> | undefined;
  // npm's own libraries are large, and most payloads need nothing from the registry.
  const openRegistry = () =>
    (registry ??= import("./npm-registry.ts").then(({ openNpmRegistry }) =>
      openNpmRegistry(input),
    ));
  const wanted = [
    { part: runtimeParts[platform], under: "runtime", pattern: runtimeFiles },
    ...[enginePart, ...builds].map((part) => ({
      part,
      under: `node_modules/${part.name}`,
      pattern: part === enginePart ? engineFiles : buildFiles,
    })),
  ];
  const folders: PartFolder[] = [];
  // One after the other: the bar of one download is read more easily than that of four.
  for (const { part, under, pattern } of wanted) {
    const isWanted = (path: string) => pattern.test(path);
    const common = { part, platform, cacheFolder, openRegistry, isWanted, onProgress, signal };
    const folder = await getPartFolder({ ...common, root: installation.root });
    folders.push({ folder, under, isWanted });
  }
  return folders;
}

function requireComplete(
  planned: readonly PlannedFile[],
  { platform, installation }: PayloadInput,
) {
  const missing = listMissing(planned);
  if (missing.length === 0) return;
  const reason = `missing in ${installation.root}, or in the cache: ${missing.join(", ")}`;
  throw new RbeeError("PAYLOAD_UNAVAILABLE", { platform, part: "rbee's files", reason });
}

// Files of packages are known by the package's version; ours are small enough to be read.
async function digestPlan(
  planned: readonly PlannedFile[],
  parts: readonly PackagePart[],
): Promise<string> {
  const lines = await Promise.all(
    planned.map(async ({ path, mode, sizeBytes, from, mayBeLinked }) => {
      const content =
        "text" in from ? from.text : mayBeLinked ? String(sizeBytes) : await digestFile(from.file);
      return `${path} ${mode} ${content}`;
    }),
  );
  const names = parts.map(({ name, version }) => `${name} ${version}`);
  return createHash("sha256")
    .update([...names, ...lines].join("\n"))
    .digest("hex");
}

function describePayload(
  { installation: { version }, platform, gpu }: PayloadInput,
  root: string,
  files: readonly PayloadFile[],
): Payload {
  const list = files.map(({ path, mode, sha256 }) => `${sha256} ${mode.toString(8)} ${path}\n`);
  const digest = createHash("sha256").update(list.join("")).digest("hex");
  return {
    version,
    platform,
    gpu,
    digest,
    name: `${version}-${digest.slice(0, 12)}`,
    root,
    files,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    open: ({ path }) => createReadStream(join(root, path)),
  };
}
