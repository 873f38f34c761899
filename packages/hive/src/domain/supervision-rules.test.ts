import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeCircuit } from "./judge-circuit.ts";
import { countsHealth } from "./judge-health.ts";
import { isIdleTooLong, isInDemand } from "./judge-idle.ts";
import { judgeLease, operator } from "./judge-lease.ts";
import type { LeaseFacts } from "./judge-lease.ts";
import { judgeLoading } from "./judge-loading.ts";
import { planRestart } from "./plan-restart.ts";
import type { CrashFacts } from "./plan-restart.ts";
import { spawnKey } from "./spawn-request.ts";
import { idleWorkerAt, momentAt, workerAt } from "./worker-fixture.ts";

const idleLimitMs = 300_000;

describe("idleness", () => {
  it("is five minutes without a request, counted on the clock that never jumps", () => {
    const worker = idleWorkerAt(1000);
    assert.equal(isIdleTooLong(worker, momentAt(300_999), idleLimitMs), false);
    assert.equal(isIdleTooLong(worker, momentAt(301_000), idleLimitMs), true);
    const wallClockJumped = { monotonicMs: 2000, unixMs: 9_000_000_000_000 };
    assert.equal(isIdleTooLong(worker, wallClockJumped, idleLimitMs), false);
  });

  it("is never that of a worker with a running request or a loading model", () => {
    const late = momentAt(10_000_000);
    assert.equal(isIdleTooLong(idleWorkerAt(0, { slotsAvailable: 3 }), late, idleLimitMs), false);
    assert.equal(isIdleTooLong(workerAt(0, { state: "loading" }), late, idleLimitMs), false);
  });
});

describe("demand for a worker that crashed", () => {
  it("is there while requests run and for the idle time after the last one", () => {
    assert.equal(isInDemand(idleWorkerAt(0), momentAt(299_999), idleLimitMs), true);
    assert.equal(isInDemand(idleWorkerAt(0), momentAt(300_000), idleLimitMs), false);
    const running = idleWorkerAt(0, { slotsAvailable: 2 });
    assert.equal(isInDemand(running, momentAt(900_000), idleLimitMs), true);
  });

  it("is not there for one that never came up, unless it was itself a restart", () => {
    assert.equal(isInDemand(workerAt(0), momentAt(1), idleLimitMs), false);
    assert.equal(isInDemand(workerAt(0, { restartCount: 1 }), momentAt(1), idleLimitMs), true);
  });
});

describe("the restart of a crashed worker", () => {
  const crash: CrashFacts = {
    restartCount: 0,
    readyForMs: 10_000,
    isInDemand: true,
    isCircuitOpen: false,
    random: 0.5,
  };

  it("comes after 1, 2 and 4 s, and not a fourth time", () => {
    const delays = [0, 1, 2].map((restartCount) => {
      const plan = planRestart({ ...crash, restartCount });
      return plan.restarts ? [plan.attempt, plan.delayMs] : [];
    });
    assert.deepEqual(delays, [
      [1, 1000],
      [2, 2000],
      [3, 4000],
    ]);
    const spent = planRestart({ ...crash, restartCount: 3 });
    assert.deepEqual(spent, { restarts: false, reason: "attempts-spent" });
  });

  it("varies by a fifth either way", () => {
    const [least, most] = [0, 1].map((random) => planRestart({ ...crash, random }));
    assert.deepEqual(least, { restarts: true, attempt: 1, delayMs: 800 });
    assert.deepEqual(most, { restarts: true, attempt: 1, delayMs: 1200 });
  });

  it("begins to count anew after a worker that ran well for five minutes", () => {
    const plan = planRestart({ ...crash, restartCount: 3, readyForMs: 300_000 });
    assert.deepEqual(plan, { restarts: true, attempt: 1, delayMs: 1000 });
  });

  it("does not come without demand or with an open circuit", () => {
    const unwanted = planRestart({ ...crash, isInDemand: false });
    assert.deepEqual(unwanted, { restarts: false, reason: "not-in-demand" });
    const open = planRestart({ ...crash, isCircuitOpen: true });
    assert.deepEqual(open, { restarts: false, reason: "circuit-open" });
  });
});

describe("the circuit of a model", () => {
  it("opens with the fifth crash within 300 s and closes when the first of them is old", () => {
    const crashes = [0, 10_000, 20_000, 30_000];
    assert.deepEqual(judgeCircuit(crashes, 30_000), { isOpen: false });
    const fifth = [...crashes, 299_000];
    assert.deepEqual(judgeCircuit(fifth, 299_000), {
      isOpen: true,
      crashes: 5,
      retryAfterMs: 1000,
    });
    assert.deepEqual(judgeCircuit(fifth, 300_000), { isOpen: false });
  });
});

describe("a loading model", () => {
  const clock = { startedMs: 0, lastProgressMs: 0, lastNoticeMs: 0 };

  it("is given up at the limit", () => {
    const moving = { ...clock, lastProgressMs: 299_000 };
    assert.equal(judgeLoading(moving, 299_999, 300_000), "wait");
    assert.equal(judgeLoading(moving, 300_000, 300_000), "timeout");
  });

  it("is spoken of when nothing moved for 60 s, and then only every 60 s", () => {
    assert.equal(judgeLoading(clock, 59_999, 300_000), "wait");
    assert.equal(judgeLoading(clock, 60_000, 300_000), "notice");
    assert.equal(judgeLoading({ ...clock, lastNoticeMs: 60_000 }, 61_000, 300_000), "wait");
    assert.equal(judgeLoading({ ...clock, lastNoticeMs: 60_000 }, 120_000, 300_000), "notice");
  });
});

describe("health checks", () => {
  it("count for ready workers whose end nobody wants", () => {
    assert.equal(countsHealth(idleWorkerAt(0)), true);
    assert.equal(countsHealth(workerAt(0, { state: "loading" })), false);
    assert.equal(countsHealth(idleWorkerAt(0, { goneReason: "stopped" })), false);
  });
});

describe("the lease of a hive", () => {
  const lease = { startedBy: "queen-1", queenStreams: 0, lastOpenMs: 1000, lastRenewedMs: null };
  const limits = { limitMs: 60_000, silenceMs: 15_000 };
  const leftMs = (change: Partial<LeaseFacts>, nowMs: number) =>
    judgeLease({ ...lease, ...change }, nowMs, limits).leftMs;

  it("runs from the moment when the queen's stream was last open", () => {
    assert.equal(leftMs({}, 21_000), 40_000);
    assert.equal(leftMs({}, 61_000), 0);
    assert.equal(leftMs({}, 99_000), 0);
  });

  it("does not run while a queen listens, and never for an operator's hive", () => {
    assert.equal(leftMs({ queenStreams: 1 }, 99_000), null);
    assert.equal(leftMs({ startedBy: operator }, 99_000), null);
  });

  it("runs beside an open stream once its queen, who had renewed it, says nothing more", () => {
    const renewed = { queenStreams: 1, lastRenewedMs: 50_000 };
    assert.deepEqual(judgeLease({ ...lease, ...renewed }, 55_000, limits), {
      isHeld: true,
      leftMs: null,
      lookInMs: 10_000,
    });
    assert.equal(leftMs(renewed, 65_000), 45_000);
    assert.equal(leftMs(renewed, 110_000), 0);
  });
});

describe("equal spawn requests", () => {
  const reference = { provider: "bundled", text: "hello-bee", name: "hello-bee" } as const;

  it("want the same model in the same way", () => {
    assert.equal(spawnKey({ reference }), spawnKey({ reference, backend: undefined }));
    assert.notEqual(spawnKey({ reference }), spawnKey({ reference, backend: "cpu" }));
    assert.notEqual(spawnKey({ reference, slots: 1 }), spawnKey({ reference, device: 1 }));
  });
});
