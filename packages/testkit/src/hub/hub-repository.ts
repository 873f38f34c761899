import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";

/** A file of a repository: one of this machine, or a text. */
export type HubContent =
  | { readonly path: string; readonly sha256?: string; readonly sizeBytes?: number }
  | { readonly text: string };

export interface HubRepositoryInput {
  /** `org/repo` */
  readonly name: string;
  readonly files: Readonly<Record<string, HubContent>>;
  /** Gated ones can be looked at by all, private ones by nobody without a token. */
  readonly access?: "public" | "gated" | "private";
  /** Those that may read what is not public. */
  readonly tokens?: readonly string[];
}

export interface HubFile {
  readonly path: string;
  readonly content: HubContent;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Large files: their content comes from the CDN. Small ones come from the hub itself. */
  readonly isLfs: boolean;
  /** The git object: of the file, or of the pointer to it. */
  readonly oid: string;
}

export interface HubRepository {
  readonly name: string;
  readonly access: "public" | "gated" | "private";
  readonly tokens: readonly string[];
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/** Reads all files once, as an upload would. */
export async function createHubRepository(input: HubRepositoryInput): Promise<HubRepository> {
  const files: HubFile[] = [];
  for (const [path, content] of Object.entries(input.files)) {
    const sha256 = await digestContent(content);
    files.push({
      path,
      content,
      sizeBytes: countBytes(content),
      sha256,
      isLfs: "path" in content,
      oid: hexDigest("sha1", `blob ${sha256}`),
    });
  }
  files.sort((one, other) => (one.path < other.path ? -1 : 1));
  const { name, access = "public", tokens = [] } = input;
  const commit = hexDigest("sha1", files.map(({ path, sha256 }) => `${path} ${sha256}`).join("\n"));
  return { name, access, tokens, commit, files };
}

function countBytes(content: HubContent): number {
  if ("text" in content) return Buffer.byteLength(content.text);
  return content.sizeBytes ?? statSync(content.path).size;
}

async function digestContent(content: HubContent): Promise<string> {
  if ("text" in content) return hexDigest("sha256", content.text);
  if (content.sha256 !== undefined) return content.sha256;
  const hash = createHash("sha256");
  await pipeline(createReadStream(content.path), hash);
  return hash.digest("hex");
}

function hexDigest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest("hex");
}
