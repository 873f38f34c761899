import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { RbeeError } from "@rbee/contract";
import type { ProgressEvent } from "@rbee/contract";
import { judgeLoading } from "../domain/judge-loading.ts";
import type { WorkerAddress } from "../ports.ts";
import type { Launching } from "./launch-worker.ts";
import { startupFailed, unlessEnded } from "./spawn.ts";
import { addressOf } from "./worker-registry.ts";

// How often the clock of a loading model is looked at, and how soon a broken stream is opened anew.
const tickMaxMs = 500;
const reopenMs = 200;

/** How far the loading of one model has come. */
interface Loading {
  readonly startedMs: number;
  lastProgressMs: number;
  lastNoticeMs: number;
  layersLoaded: number;
  layersTotal: number;
}

/** Follows the worker's own account of its loading until the model is ready. */
export async function loadModel(launching: Launching): Promise<void> {
  const { spawn, live, world } = launching;
  const address = addressOf(live);
  if (address === undefined) throw new Error(`${live.id} loads before it called back`);
  const nowMs = performance.now();
  const loading: Loading = {
    startedMs: nowMs,
    lastProgressMs: nowMs,
    lastNoticeMs: nowMs,
    layersLoaded: 0,
    layersTotal: 0,
  };
  const limitMs = world.settings().timeouts.model_load * 1000;
  const tick = () => watchClock(loading, limitMs, launching);
  const timer = setInterval(tick, Math.min(tickMaxMs, limitMs / 10));
  try {
    while (!(await followStream(address, loading, launching))) {
      // The stream broke off: the worker is ready all the same, has ended, or tells again.
      if (live.record.readySinceMs !== null) return;
      const pause = delay(reopenMs).then(() => undefined);
      const end = await unlessEnded(spawn, Promise.race([live.ended.promise, pause]));
      if (end === undefined) continue;
      const waitedMs = performance.now() - loading.startedMs;
      throw startupFailed({ node: world.node, live, ...end, waitedMs });
    }
  } finally {
    clearInterval(timer);
  }
}

// True when the model is ready, false when the stream broke off. Throws what the worker says.
async function followStream(
  address: WorkerAddress,
  loading: Loading,
  { spawn, live, world, registry }: Launching,
): Promise<boolean> {
  const { signal } = spawn.control;
  const events = world.gateway.watchLoading(address, signal)[Symbol.asyncIterator]();
  for (;;) {
    // A failure of the stream itself is like its end: what became of the worker tells the rest.
    const next = await unlessEnded(
      spawn,
      events.next().catch(() => undefined),
    );
    if (next === undefined || next.done === true) return false;
    const event = next.value;
    if (event.type === "error") {
      registry.dispatch(live, { type: "load-failed" });
      throw event.error;
    }
    const isNews = noteProgress(event, loading);
    if (event.stage === "ready") {
      registry.dispatch(live, { type: "model-ready" });
      return true;
    }
    // A stream that was opened anew begins with what has been told already.
    if (isNews) spawn.story.append({ ...event, node: world.node, worker_id: live.id });
  }
}

function noteProgress(event: ProgressEvent, loading: Loading): boolean {
  if (event.stage !== "loading_to_vram") return true;
  const isTold = event.layers_total === loading.layersTotal;
  if (isTold && event.layers_loaded <= loading.layersLoaded) return false;
  loading.lastProgressMs = performance.now();
  loading.layersLoaded = event.layers_loaded;
  loading.layersTotal = event.layers_total;
  return true;
}

function watchClock(loading: Loading, limitMs: number, { spawn, live, world }: Launching): void {
  const nowMs = performance.now();
  const { layersLoaded, layersTotal } = loading;
  switch (judgeLoading(loading, nowMs, limitMs)) {
    case "wait":
      return;
    case "notice": {
      const quietSeconds = Math.round((nowMs - loading.lastProgressMs) / 1000);
      loading.lastNoticeMs = nowMs;
      spawn.narrate({
        actor: "model-loader",
        action: "loading-quiet",
        human: `no loading progress for ${quietSeconds} s (${layersLoaded}/${layersTotal} layers)`,
        cute: `🐌 no loading progress for ${quietSeconds} s (${layersLoaded}/${layersTotal} layers)`,
        level: "warn",
        worker_id: live.id,
      });
      return;
    }
    case "timeout":
      spawn.control.abort(
        new RbeeError("LOADING_TIMEOUT", {
          node: world.node,
          worker_id: live.id,
          layers_loaded: layersLoaded,
          layers_total: layersTotal,
          elapsed_seconds: (nowMs - loading.startedMs) / 1000,
          limit_seconds: limitMs / 1000,
        }),
      );
  }
}
