import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import Config from "@npmcli/config";
import npmDefinitions from "@npmcli/config/lib/definitions/index.js";
import registryFetch from "npm-registry-fetch";
import { z } from "zod";
import type { PackagePart } from "./payload-parts.ts";

/** A package's file in the registry. */
export interface PackageFile {
  readonly url: string;
  readonly integrity: string;
}

export interface PackageBytes {
  /** Where the bytes begin: 0 when the registry does not continue. */
  readonly startsAt: number;
  readonly totalBytes: number | undefined;
  readonly stream: Readable;
}

/** The npm registry that npm on this machine is configured for. */
export interface NpmRegistry {
  readonly url: string;
  readonly find: (part: PackagePart, signal: AbortSignal) => Promise<PackageFile>;
  readonly read: (url: string, startAt: number, signal: AbortSignal) => Promise<PackageBytes>;
}

interface RegistryInput {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
}

const Versions = z.object({
  versions: z.record(
    z.string(),
    z.object({ dist: z.object({ tarball: z.url(), integrity: z.string().optional() }) }),
  ),
});

// What npm asks for when it only wants to install.
const shortDocument = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";
const publicHost = "registry.npmjs.org";

/** Registry, keys, proxies and certificates are read as npm reads them: files and environment. */
export async function openNpmRegistry(input: RegistryInput): Promise<NpmRegistry> {
  const settings = await readNpmConfiguration(input);
  const registry = settings.registry;
  // Attempts are ours to make and to tell.
  const common = { ...settings, retry: { retries: 0 }, cache: undefined };
  return {
    url: registry,
    find: async (part, signal) => {
      const path = `/${part.name.replace("/", "%2f")}`;
      const headers = { accept: shortDocument };
      const document = await registryFetch.json(path, { ...common, headers, signal });
      const dist = Versions.parse(document).versions[part.version]?.dist;
      if (dist === undefined) throw new Error(`${registry} has no version ${part.version} of it`);
      const integrity = part.integrity ?? dist.integrity;
      if (integrity === undefined) throw new Error(`${registry} tells no digest of it`);
      return { url: onRegistry(dist.tarball, registry), integrity };
    },
    read: async (url, startAt, signal) => {
      const range = startAt > 0 ? { range: `bytes=${startAt}-` } : {};
      // A compressed package is not compressed once more: its bytes are counted and continued.
      const headers = { "accept-encoding": "identity", ...range };
      const answer = await registryFetch(url, { ...common, headers, signal });
      const startsAt = answer.status === 206 ? startOf(answer.headers.get("content-range")) : 0;
      const length = Number(answer.headers.get("content-length") ?? Number.NaN);
      return {
        startsAt,
        totalBytes: Number.isNaN(length) ? undefined : startsAt + length,
        stream: answer.body as unknown as Readable,
      };
    },
  };
}

// A mirror may hand out the addresses of the registry that it mirrors; npm replaces them too.
function onRegistry(tarball: string, registry: string): string {
  const url = new URL(tarball);
  const wanted = new URL(registry);
  if (url.hostname !== publicHost || wanted.hostname === publicHost) return tarball;
  return `${registry.replace(/\/$/, "")}${url.pathname}`;
}

function startOf(contentRange: string | null): number {
  return Number(/^bytes (\d+)-/.exec(contentRange ?? "")?.[1] ?? 0);
}

interface NpmSettings {
  readonly registry: string;
}

async function readNpmConfiguration(input: RegistryInput): Promise<NpmSettings> {
  const { definitions, shorthands, flatten, nerfDarts } = npmDefinitions;
  const npm = findNpm(input.environment);
  const config = new Config({
    definitions,
    shorthands,
    flatten,
    nerfDarts,
    npmPath: npm?.packageFolder ?? input.homeDirectory,
    execPath: npm?.node ?? process.execPath,
    argv: [],
    env: { ...input.environment, HOME: input.homeDirectory },
    cwd: input.homeDirectory,
    warn: false,
  });
  await config.load();
  return config.flat;
}

// Beside npm itself are the settings of this machine; without npm there are only the person's own.
function findNpm(environment: RegistryInput["environment"]) {
  const folder = (environment["PATH"] ?? "")
    .split(delimiter)
    .find((entry) => entry !== "" && existsSync(join(entry, "npm")));
  if (folder === undefined) return undefined;
  const packageFolder = dirname(dirname(realpathSync(join(folder, "npm"))));
  return { node: join(folder, "node"), packageFolder };
}
