import { homedir } from "node:os";
import { setImmediate } from "node:timers/promises";
import { hiveRoutes, timings } from "@rbee/contract";
import { createApp, localUrl } from "@rbee/daemon";
import type { App, ListenAddress, LiveSettings, Program } from "@rbee/daemon";
import { findHubAccess, readWorkerManifest } from "@rbee/settings";
import type { Settings } from "@rbee/settings";
import type { Tracer } from "@rbee/telemetry";
import { createHiveKey } from "./create-hive-key.ts";
import type { HiveKey } from "./create-hive-key.ts";
import { createHiveMetrics } from "./create-hive-metrics.ts";
import { createModelRoom } from "./create-model-room.ts";
import { createWorkerFigures } from "./create-worker-figures.ts";
import { createWorkerGateway } from "./gateway/create-worker-gateway.ts";
import { createHandlers } from "./http/create-handlers.ts";
import type { LeaseLimits } from "./domain/judge-lease.ts";
import type { HiveIdentity } from "./http/http-world.ts";
import { createLease } from "./process/create-lease.ts";
import { createLogReader } from "./process/create-log-reader.ts";
import { createWorkerPool } from "./process/create-worker-pool.ts";
import type { OwnedPool } from "./process/create-worker-pool.ts";
import { hiveReloadPolicy } from "./reload-policy.ts";

export interface HiveOptions {
  readonly program: Program;
  readonly tracer: Tracer;
  readonly identity: HiveIdentity;
  /** Begins the stop of the whole program. */
  readonly requestStop: () => void;
}

export interface Hive {
  readonly app: App;
  readonly hasKey: boolean;
  /** Where workers call back. */
  readonly noteAddress: (address: ListenAddress) => void;
  readonly reload: () => void;
  readonly stop: () => Promise<void>;
}

// Streams of which somebody waits for the end; their readers notice silence soon.
const taskStreams: ReadonlySet<string> = new Set([
  "workerEvents",
  "downloadProgress",
  "verifyModels",
]);

/** Wires the rooms of one hive. Throws INSECURE_SECRET for a key file that cannot be used. */
export function createHive(options: HiveOptions): Hive {
  const { program, identity, requestStop } = options;
  const { paths, logger, live } = program;
  const key = createHiveKey(program);
  let hiveUrl = "";
  const currentSettings = () => live.current().settings;
  const { metrics, figures, pool, room, readManifest } = createRooms({
    ...options,
    settings: currentSettings,
    hiveUrl: () => hiveUrl,
  });
  const lease = createLease({
    startedBy: identity.startedBy,
    limits: () => leaseLimits(currentSettings()),
    onExpired: () => {
      logger.warn({ started_by: identity.startedBy }, "no queen came back; this hive stops");
      requestStop();
    },
  });
  const app = createApp({
    program: program.name,
    version: identity.version,
    routes: hiveRoutes,
    handlers: createHandlers({
      ...room,
      identity,
      pool,
      logs: createLogReader(paths.logs),
      lease,
      logger,
      aliases: () => currentSettings().aliases,
      heartbeatMs: () => currentSettings().timeouts.heartbeat * 1000,
      requestStop,
    }),
    currentKey: key.current,
    otherKeys: (route) => (route === "workerReady" ? pool.workerKeys() : []),
    logger,
    metrics,
    metricsAccess: () => currentSettings().hive.metrics,
    foreignMetrics: figures,
    keepAliveMs: (route) =>
      taskStreams.has(route) ? timings.taskKeepAliveMs : timings.keepAliveMs,
  });
  return {
    app,
    hasKey: key.current() !== undefined,
    noteAddress: (address) => (hiveUrl = localUrl(address)),
    reload: () => reload({ live, key, pool, readManifest }),
    async stop() {
      lease.close();
      await pool.close();
      room.close();
      // Whoever listens hears the last lines before the connections are closed.
      await setImmediate();
    },
  };
}

interface ReloadParts {
  readonly live: LiveSettings;
  readonly key: HiveKey;
  readonly pool: Pick<OwnedPool, "reload">;
  readonly readManifest: (settings: Settings) => unknown;
}

function reload({ live, key, pool, readManifest }: ReloadParts): void {
  live.reload({
    policy: hiveReloadPolicy,
    check: readManifest,
    apply() {
      pool.reload();
      key.reload();
    },
  });
}

function leaseLimits({ timeouts }: Settings): LeaseLimits {
  return {
    limitMs: timeouts.queen_lease * 1000,
    silenceMs: timeouts.heartbeat * 1000 * timings.heartbeatsMissedMax,
  };
}

interface RoomOptions extends HiveOptions {
  readonly settings: () => Settings;
  readonly hiveUrl: () => string;
}

function createRooms({ program, tracer, identity, settings, hiveUrl }: RoomOptions) {
  const { installation, paths, logger, environment } = program;
  const readManifest = ({ worker }: Settings) =>
    readWorkerManifest(worker.manifest ?? installation.workerManifest, installation);
  // A manifest that cannot be used is told at the start, not by the first spawn.
  readManifest(settings());
  const { metrics, counters, downloads } = createHiveMetrics({
    version: identity.version,
    listWorkers: () => pool.list(),
    readDevices: (signal) => room.devices.readMemory(signal),
  });
  const room = createModelRoom({
    downloads,
    node: identity.node,
    installation,
    paths,
    settings,
    hubAccess: () => findHubAccess({ settings: settings(), environment, homeDirectory: homedir() }),
    logger,
  });
  const gateway = createWorkerGateway();
  const pool = createWorkerPool({
    ...room,
    node: identity.node,
    settings,
    paths,
    logger,
    gateway,
    readManifest: () => readManifest(settings()),
    hiveUrl,
    counters,
    tracer,
  });
  const figures = createWorkerFigures({ pool, gateway });
  return { room, metrics, figures, pool, readManifest };
}
