import {
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { writeLlamaModel } from "@rbee/testkit";
import type { LlamaShape } from "@rbee/testkit";
import type { RbeeWorld } from "../world.ts";

// Generated models are kept between runs: writing them takes longer than most scenarios.
export const modelCache = join(import.meta.dirname, "../../.cache/models");

const slow: LlamaShape = {
  name: "slow",
  layers: 8,
  width: 1024,
  heads: 16,
  feedForwardWidth: 4096,
  vocabularySize: 4096,
  contextLength: 4096,
  isTied: true,
  weightType: "Q8_0",
  fileType: 7,
};

const quantisations: Readonly<Record<string, Pick<LlamaShape, "weightType" | "fileType">>> = {
  Q4_K_M: { weightType: "Q4_K", fileType: 15 },
  Q5_K_M: { weightType: "Q5_K", fileType: 17 },
  Q8_0: { weightType: "Q8_0", fileType: 7 },
};

/** About 140 MB with random weights: a real model that takes its time for every token. */
export function slowModel(world: RbeeWorld): Promise<string> {
  return ensureModel(world, "slow", slow);
}

/** Large enough that loading it can be watched. */
export function largeModel(world: RbeeWorld): Promise<string> {
  return ensureModel(world, "large", { ...slow, name: "large", layers: 32, fill: "zeros" });
}

/** At least 50 MB in the quantisation that is named as llama.cpp names it. */
export function quantisedModel(world: RbeeWorld, quantisation: string): Promise<string> {
  const types = quantisations[quantisation];
  if (types === undefined) throw new Error(`no such quantisation here: ${quantisation}`);
  return ensureModel(world, quantisation, { ...slow, name: quantisation, layers: 6, ...types });
}

async function ensureModel(world: RbeeWorld, name: string, shape: LlamaShape): Promise<string> {
  const path = join(modelCache, `${name}.gguf`);
  if (existsSync(path)) return path;
  mkdirSync(modelCache, { recursive: true });
  await writeLlamaModel(path, shape, bundledModel(world));
  return path;
}

/** A model of exactly 5 MB for the hub. */
export function hubModel(world: RbeeWorld): string {
  const path = join(modelCache, "hello-5mb.gguf");
  if (existsSync(path)) return path;
  mkdirSync(modelCache, { recursive: true });
  const partial = `${path}.${process.pid}`;
  copyFileSync(bundledModel(world), partial);
  truncateSync(partial, 5 * 1_048_576);
  renameSync(partial, path);
  return path;
}

/** A file of exactly so many MB that begins as the bundled model does and takes no room on disk. */
export function sizedModel(world: RbeeWorld, megabytes: number): string {
  const path = join(world.box.root, `sized-${megabytes}.gguf`);
  copyFileSync(bundledModel(world), path);
  const descriptor = openSync(path, "r+");
  ftruncateSync(descriptor, megabytes * 1_048_576);
  closeSync(descriptor);
  return path;
}

export function bundledModel(world: RbeeWorld): string {
  const { models } = (world.network ?? world.box).installation;
  return join(models, "hello-bee/hello-bee-3m-q8_0.gguf");
}
