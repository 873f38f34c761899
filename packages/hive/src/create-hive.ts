import { existsSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { hiveRoutes, timings } from "@rbee/contract";
import { createApp, localUrl } from "@rbee/daemon";
import type { App, ListenAddress, Program } from "@rbee/daemon";
import { readSecretFile, readWorkerManifest } from "@rbee/settings";
import type { Settings } from "@rbee/settings";
import { createHiveMetrics } from "./create-hive-metrics.ts";
import { createModelRoom } from "./create-model-room.ts";
import { createWorkerGateway } from "./gateway/create-worker-gateway.ts";
import { createHandlers } from "./http/create-handlers.ts";
import type { HiveIdentity } from "./http/http-world.ts";
import { createLease } from "./process/create-lease.ts";
import { createLogReader } from "./process/create-log-reader.ts";
import { createWorkerPool } from "./process/create-worker-pool.ts";

export interface HiveOptions {
  readonly program: Program;
  readonly identity: HiveIdentity;
  /** The configuration as it is now; asked anew when the hive is told to reload. */
  readonly loadSettings: () => Settings;
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
  const { paths, logger } = program;
  let { settings } = program;
  let key = findKey(paths.hiveKey);
  let hiveUrl = "";
  const currentSettings = () => settings;
  const { metrics, pool, room } = createRooms({
    ...options,
    settings: currentSettings,
    hiveUrl: () => hiveUrl,
  });
  const lease = createLease({
    startedBy: identity.startedBy,
    limitMs: () => settings.timeouts.queen_lease * 1000,
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
      aliases: () => settings.aliases,
      heartbeatMs: () => settings.timeouts.heartbeat * 1000,
      requestStop,
    }),
    currentKey: () => key,
    otherKeys: (route) => (route === "workerReady" ? pool.workerKeys() : []),
    logger,
    metrics,
    keepAliveMs: (route) =>
      taskStreams.has(route) ? timings.taskKeepAliveMs : timings.keepAliveMs,
  });
  return {
    app,
    hasKey: key !== undefined,
    noteAddress: (address) => (hiveUrl = localUrl(address)),
    reload() {
      settings = options.loadSettings();
      key = findKey(paths.hiveKey);
      pool.reload();
    },
    async stop() {
      lease.close();
      await pool.close();
      room.close();
      // Whoever listens hears the last lines before the connections are closed.
      await setImmediate();
    },
  };
}

interface RoomOptions extends HiveOptions {
  readonly settings: () => Settings;
  readonly hiveUrl: () => string;
}

function createRooms({ program, identity, settings, hiveUrl }: RoomOptions) {
  const { installation, paths, logger } = program;
  const readManifest = () =>
    readWorkerManifest(settings().worker.manifest ?? installation.workerManifest, installation);
  // A manifest that cannot be used is told at the start, not by the first spawn.
  readManifest();
  const room = createModelRoom({ node: identity.node, installation, paths, settings, logger });
  const { metrics, counters } = createHiveMetrics(() => pool.list());
  const pool = createWorkerPool({
    ...room,
    node: identity.node,
    settings,
    paths,
    logger,
    gateway: createWorkerGateway(),
    readManifest,
    hiveUrl,
    counters,
  });
  return { room, metrics, pool };
}

// Absent is a choice (loopback without a key); present and unreadable is a failure.
function findKey(path: string): string | undefined {
  return existsSync(path) ? readSecretFile(path) : undefined;
}
