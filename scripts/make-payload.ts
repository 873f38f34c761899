// Makes a complete copy of rbee of these sources, for the machine that it runs on, and says on
// stdout what it is: `setup install --from-git` runs this on a node.
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { assemblePayload, describePlatform, gpuKindsOf } from "@rbee/payload";
import { findInstallation } from "@rbee/settings";

const [cacheFolder, wanted] = process.argv.slice(2);
const platform = describePlatform(process.platform, process.arch);
if (cacheFolder === undefined || platform === undefined) {
  throw new Error("make-payload.ts <cache folder> [cpu|cuda|vulkan|metal], on Linux or macOS");
}
const kinds = gpuKindsOf(platform);
const gpu = kinds.find((kind) => kind === wanted) ?? kinds[0] ?? "cpu";
let part = "";
const payload = await assemblePayload({
  installation: findInstallation(dirname(import.meta.dirname)),
  platform,
  gpu,
  cacheFolder: resolve(cacheFolder),
  environment: process.env,
  homeDirectory: homedir(),
  onProgress: (progress) => {
    if (progress.part !== part) console.error(`${progress.stage} ${progress.part}`);
    ({ part } = progress);
  },
  signal: AbortSignal.timeout(30 * 60_000),
});
const { root, name, version, digest, sizeBytes, files } = payload;
console.log(
  `rbee-payload ${JSON.stringify({ root, name, version, platform, gpu, digest, sizeBytes, files })}`,
);
