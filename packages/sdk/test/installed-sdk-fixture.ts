import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../../..");

/** The package as a user has it: packed, and installed into a folder that knows nothing else. */
export interface InstalledSdk extends Disposable {
  readonly folder: string;
  /** What `npm pack` says of the files. */
  readonly files: readonly string[];
  readonly write: (name: string, text: string) => string;
  /** Runs a program in the folder; rejects when it fails. */
  readonly run: (command: readonly string[]) => Promise<string>;
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

export async function installSdk(): Promise<InstalledSdk> {
  const folder = mkdtempSync(join(tmpdir(), "rbee-sdk-"));
  const built = join(folder, "built");
  await run(process.execPath, [join(root, "scripts/build-sdk.ts"), built], { cwd: root });
  const app = join(folder, "app");
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), '{ "private": true, "type": "module" }\n');
  const sdk = await pack(built, folder);
  // Its one dependency comes from here as well, so that no registry is asked.
  const zod = await pack(join(root, "node_modules/zod"), folder);
  const tarballs = [sdk, zod].map(({ filename }) => join(folder, filename));
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", ...tarballs], { cwd: app });
  return {
    folder: app,
    files: sdk.files.map(({ path }) => path),
    write(name, text) {
      const file = join(app, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    async run([program = "", ...words]) {
      const { stdout } = await run(program, words, { cwd: app, timeout: 120_000 });
      return stdout;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function pack(source: string, destination: string): Promise<Packed> {
  const words = ["pack", "--json", "--ignore-scripts", "--pack-destination", destination];
  const { stdout } = await run("npm", [...words, source], { cwd: destination });
  const [packed] = JSON.parse(stdout) as Packed[];
  if (packed === undefined) throw new Error(`npm packed nothing of ${source}`);
  return packed;
}
