import { createHash, randomBytes } from "node:crypto";
import { createReadStream, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Payload } from "@rbee/payload";

interface FixtureInput {
  readonly folder: string;
  readonly version: string;
  /** What else is in it, by path. */
  readonly extra?: Readonly<Record<string, string | Buffer>>;
}

const unpackMain = resolve(import.meta.dirname, "../../../payload/src/unpack/main.ts");

/** A payload in a folder that is quick to send: its Node is a script that starts this one. */
export function writePayload({ folder, version, extra = {} }: FixtureInput): Payload {
  const texts: Readonly<Record<string, string | Buffer>> = {
    "rbee.json": JSON.stringify({ version }),
    "unpack.js": `import ${JSON.stringify(unpackMain)};\n`,
    "runtime/bin/node": `#!/bin/sh\nexec ${process.execPath} "$@"\n`,
    "bin/rbee-hive": `#!/bin/sh\necho ${version}\n`,
    "bin/rbee-keeper": `#!/bin/sh\necho ${version}\n`,
    ...extra,
  };
  const files = Object.entries(texts)
    .map(([path, text]) => {
      const bytes = Buffer.from(text);
      const mode = /(?:^|\/)bin\//.test(path) ? 0o755 : 0o644;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes, { mode });
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      return { path, mode, sha256, sizeBytes: bytes.length };
    })
    .sort((left, right) => (left.path < right.path ? -1 : 1));
  const digest = createHash("sha256").update(JSON.stringify(files)).digest("hex");
  return {
    version,
    platform: "linux-x64",
    gpu: "cpu",
    digest,
    name: `${version}-${digest.slice(0, 12)}`,
    root: folder,
    files,
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    open: ({ path }) => createReadStream(join(folder, path)),
  };
}

/** Bytes that no compression makes smaller. */
export function incompressible(megabytes: number): Buffer {
  return randomBytes(megabytes * 1024 * 1024);
}
