import { performance } from "node:perf_hooks";
import type { Narration } from "@rbee/contract";
import { createNarrator } from "@rbee/daemon";
import type { Logger, Narrate } from "@rbee/daemon";
import type { RbeePaths, Settings, WorkerManifest } from "@rbee/settings";
import type { Tracer } from "@rbee/telemetry";
import type { Moment } from "../domain/worker-record.ts";
import type { DeviceProbe, ModelCatalogue, ModelProvisioner, WorkerGateway } from "../ports.ts";

/** What the pool counts for /metrics. */
export interface PoolCounters {
  readonly spawned: (outcome: "ready" | "failed", seconds: number) => void;
  readonly crashed: () => void;
  readonly restarted: () => void;
  /** Starting a model was paused because it crashed so often. */
  readonly circuitOpened: () => void;
  readonly idleStopped: () => void;
}

/** Everything that the pool stands on. Settings may be reloaded, so they are asked for anew. */
export interface PoolWorld {
  readonly node: string;
  readonly settings: () => Settings;
  readonly paths: RbeePaths;
  readonly logger: Logger;
  readonly devices: DeviceProbe;
  readonly catalogue: ModelCatalogue;
  readonly provisioner: ModelProvisioner;
  readonly gateway: WorkerGateway;
  readonly readManifest: () => WorkerManifest;
  /** Where workers reach this hive; known once it listens. */
  readonly hiveUrl: () => string;
  readonly counters: PoolCounters;
  readonly tracer: Tracer;
}

export function readMoment(): Moment {
  return { monotonicMs: performance.now(), unixMs: Date.now() };
}

interface SpeakerOptions {
  readonly correlationId?: string | undefined;
  readonly emit: (event: Narration) => void;
}

/** A narrator of this hive that names its node. */
export function createSpeaker(world: PoolWorld, options: SpeakerOptions): Narrate {
  const narrate = createNarrator({ actor: "rbee-hive", logger: world.logger, ...options });
  return (line) => narrate({ node: world.node, ...line });
}
