import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";

const Manifest = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+/),
  programs: z.object({
    "rbee-keeper": z.string(),
    "queen-rbee": z.string(),
    "rbee-hive": z.string(),
    "llm-worker-rbee": z.string(),
  }),
  models: z.string(),
  worker_manifest: z.string(),
  /** The folder of the built console; a copy may be without. */
  console: z.string().optional(),
});

export type ProgramName = keyof z.infer<typeof Manifest>["programs"];

/** A copy of rbee on this machine: its version and where its parts are. Paths are absolute. */
export interface Installation {
  readonly root: string;
  readonly version: string;
  readonly programs: Readonly<Record<ProgramName, string>>;
  readonly models: string;
  readonly workerManifest: string;
  readonly console?: string | undefined;
}

const manifestName = "rbee.json";

/** Finds the copy of rbee that `directory` belongs to: the nearest `rbee.json` upwards. */
export function findInstallation(directory: string): Installation {
  for (let current = directory; ; current = dirname(current)) {
    if (existsSync(join(current, manifestName))) return readInstallation(current);
    if (dirname(current) === current) {
      throw new Error(`no ${manifestName} above ${directory}: this copy of rbee is not complete`);
    }
  }
}

function readInstallation(root: string): Installation {
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(root, manifestName), "utf8")));
  const absolute = (path: string) => resolve(root, path);
  const { programs } = manifest;
  return {
    root,
    version: manifest.version,
    programs: {
      "rbee-keeper": absolute(programs["rbee-keeper"]),
      "queen-rbee": absolute(programs["queen-rbee"]),
      "rbee-hive": absolute(programs["rbee-hive"]),
      "llm-worker-rbee": absolute(programs["llm-worker-rbee"]),
    },
    models: absolute(manifest.models),
    workerManifest: absolute(manifest.worker_manifest),
    ...(manifest.console === undefined ? {} : { console: absolute(manifest.console) }),
  };
}

// Who waits for days keeps its heap small. The queen, through whom every token passes, only its
// young part: the rest would cost her a fifth more for each token (measured 2026-11). The hive too:
// bytes of a download are outside its heap, and counted on their own they would have it collected
// for every 64 MB, a third of the CPU time of a download (measured 2026-11).
const nodeFlags: Readonly<Record<ProgramName, readonly string[]>> = {
  "rbee-keeper": [],
  "queen-rbee": ["--max-semi-space-size=2"],
  "rbee-hive": ["--max-semi-space-size=2", "--external-memory-accounted-in-global-limit"],
  "llm-worker-rbee": [],
};

/** What Node is told for a program, wherever it is started from. */
export function nodeFlagsOf(program: ProgramName): readonly string[] {
  return nodeFlags[program];
}

/** The command line that runs one of our programs with the Node that runs this one. */
export function programCommand(installation: Installation, program: ProgramName): string[] {
  return [process.execPath, ...nodeFlags[program], installation.programs[program]];
}
