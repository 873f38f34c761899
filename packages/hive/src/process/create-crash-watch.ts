import { RbeeError, timings } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { ProcessEnd } from "../domain/advance-worker.ts";
import { judgeCircuit, recentCrashes } from "../domain/judge-circuit.ts";
import { isInDemand } from "../domain/judge-idle.ts";
import { planRestart } from "../domain/plan-restart.ts";
import type { CrashFacts, RestartPlan } from "../domain/plan-restart.ts";
import { spawnKey } from "../domain/spawn-request.ts";
import type { SpawnRequest } from "../domain/spawn-request.ts";
import { readMoment } from "./pool-world.ts";
import type { PoolWorld } from "./pool-world.ts";
import type { LiveWorker } from "./worker-registry.ts";

interface CrashWatchOptions {
  readonly world: PoolWorld;
  readonly narrate: Narrate;
  readonly restart: (request: SpawnRequest, attempt: number) => void;
}

/** Counts crashes by model, and starts again what somebody would miss. */
export interface CrashWatch {
  readonly noteCrash: (live: LiveWorker, end: ProcessEnd) => void;
  /** Throws CIRCUIT_OPEN for a model that crashed too often. */
  readonly requireClosedCircuit: (modelRef: string) => void;
  /**
   * Takes over a restart that waits for its turn: the attempts so far, 0 when there is none. Who
   * asks for the same worker now need not wait.
   */
  readonly takeRestart: (request: SpawnRequest) => number;
  readonly close: () => void;
}

type PlannedRestart = Extract<RestartPlan, { restarts: true }>;

interface WaitingRestart {
  readonly timer: ReturnType<typeof setTimeout>;
  readonly attempt: number;
}

export function createCrashWatch({ world, narrate, restart }: CrashWatchOptions): CrashWatch {
  const crashes = new Map<string, readonly number[]>();
  const waiting = new Map<string, WaitingRestart>();
  let isClosed = false;

  const scheduleRestart = (request: SpawnRequest, attempt: number, delayMs: number) => {
    const key = spawnKey(request);
    clearTimeout(waiting.get(key)?.timer);
    const timer = setTimeout(() => {
      waiting.delete(key);
      world.counters.restarted();
      restart(request, attempt);
    }, delayMs);
    waiting.set(key, { timer, attempt });
  };
  return {
    noteCrash(live, end) {
      const { modelRef } = live.record;
      const nowMs = readMoment().monotonicMs;
      const all = [...recentCrashes(crashes.get(modelRef) ?? [], nowMs), nowMs];
      crashes.set(modelRef, all);
      world.counters.crashed();
      tellCrash(live, end, { world, narrate });
      if (isClosed) return;
      const circuit = judgeCircuit(all, nowMs);
      if (circuit.isOpen) {
        world.counters.circuitOpened();
        tellCircuit(modelRef, circuit.crashes, narrate);
      }
      const plan = planRestart(crashFacts(live, circuit.isOpen, world));
      if (!plan.restarts) {
        if (plan.reason === "attempts-spent") tellSpent(modelRef, narrate);
        return;
      }
      tellRestart(modelRef, plan, narrate);
      scheduleRestart(live.request, plan.attempt, plan.delayMs);
    },
    requireClosedCircuit(modelRef) {
      const circuit = judgeCircuit(crashes.get(modelRef) ?? [], readMoment().monotonicMs);
      if (!circuit.isOpen) return;
      throw new RbeeError("CIRCUIT_OPEN", {
        node: world.node,
        model: modelRef,
        crashes: circuit.crashes,
        window_seconds: timings.circuitWindowMs / 1000,
        retry_after_seconds: Math.ceil(circuit.retryAfterMs / 1000),
      });
    },
    takeRestart: (request) => takeWaiting(waiting, spawnKey(request)),
    close() {
      isClosed = true;
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}

function takeWaiting(waiting: Map<string, WaitingRestart>, key: string): number {
  const entry = waiting.get(key);
  clearTimeout(entry?.timer);
  waiting.delete(key);
  return entry?.attempt ?? 0;
}

function crashFacts({ record }: LiveWorker, isCircuitOpen: boolean, world: PoolWorld): CrashFacts {
  const now = readMoment();
  return {
    restartCount: record.restartCount,
    readyForMs: record.readySinceMs === null ? 0 : now.monotonicMs - record.readySinceMs,
    isInDemand: isInDemand(record, now, world.settings().timeouts.idle_worker * 1000),
    isCircuitOpen,
    random: Math.random(),
  };
}

type Teller = Pick<CrashWatchOptions, "world" | "narrate">;

function tellCrash(live: LiveWorker, end: ProcessEnd, { world, narrate }: Teller): void {
  const { exitCode, signal } = end;
  const how = signal ?? (exitCode === null ? "an unknown end" : `exit code ${exitCode}`);
  narrate({
    action: "worker-crashed",
    target: live.id,
    human: `${live.id} crashed with ${how}`,
    cute: `💥 ${live.id} crashed with ${how}`,
    level: "error",
    worker_id: live.id,
    model_ref: live.record.modelRef,
    ...(exitCode === null ? {} : { exit_code: exitCode }),
    ...(signal === null ? {} : { signal }),
  });
  const last_lines = live.process?.lastLines() ?? [];
  world.logger.error({ worker_id: live.id, log_file: live.logPath, last_lines }, "its last lines");
}

function tellCircuit(modelRef: string, crashes: number, narrate: Narrate): void {
  narrate({
    action: "circuit-open",
    human: `${modelRef} crashed ${crashes} times; starting it is paused`,
    cute: `⛔ ${modelRef} crashed ${crashes} times; starting it is paused`,
    level: "error",
    model_ref: modelRef,
  });
}

function tellSpent(modelRef: string, narrate: Narrate): void {
  const attempts = timings.restartDelaysMs.length;
  narrate({
    action: "restarts-spent",
    human: `${modelRef} is not started again: it crashed after ${attempts} restarts`,
    cute: `🛑 ${modelRef} is not started again: it crashed after ${attempts} restarts`,
    level: "error",
    model_ref: modelRef,
    attempts_max: attempts,
  });
}

function tellRestart(modelRef: string, plan: PlannedRestart, narrate: Narrate): void {
  narrate({
    action: "worker-restarting",
    human: `${modelRef} is started again in ${(plan.delayMs / 1000).toFixed(1)} s`,
    cute: `🔁 ${modelRef} is started again in ${(plan.delayMs / 1000).toFixed(1)} s`,
    level: "warn",
    model_ref: modelRef,
    attempt: plan.attempt,
    attempts_max: timings.restartDelaysMs.length,
    delay_ms: Math.round(plan.delayMs),
  });
}
