import assert from "node:assert/strict";
import { test } from "node:test";
import { planStep, type StepMember, StepScheduler } from "./step-scheduler.ts";

const limits = { batchTokensMax: 512, promptTokensAloneMax: 512, promptTokensSharedMax: 128 };

function planTokens(unread: readonly number[]): readonly number[] {
  const members = unread.map((unreadTokens) => ({ unreadTokens }));
  const parts = planStep(members, limits);
  return members.map((member) => parts.find((part) => part.member === member)?.tokensMax ?? 0);
}

// A member that reads so many tokens, decodes so many, and notes who took part in which step.
class CountingMember implements StepMember {
  unreadTokens: number;
  isReleased = false;
  error: unknown;
  readonly #log: string[][];
  readonly #name: string;
  #decodeTokens: number;
  #advance: (() => Promise<void>) | undefined;

  constructor(
    name: string,
    [unreadTokens, decodeTokens]: readonly [number, number],
    log: string[][],
  ) {
    this.#name = name;
    this.unreadTokens = unreadTokens;
    this.#decodeTokens = decodeTokens;
    this.#log = log;
  }

  failWith(advance: () => Promise<void>): void {
    this.#advance = advance;
  }

  get isOver(): boolean {
    return this.error !== undefined || (this.unreadTokens === 0 && this.#decodeTokens === 0);
  }

  async prepare(): Promise<void> {
    this.#log.push([]);
  }

  async advance(tokensMax: number): Promise<void> {
    this.#log.at(-1)?.push(`${this.#name}${tokensMax}`);
    await this.#advance?.();
    if (this.unreadTokens > 0) this.unreadTokens -= tokensMax;
    else this.#decodeTokens -= 1;
  }

  async release(): Promise<void> {
    this.isReleased = true;
  }

  fail(error: unknown): void {
    this.error = error;
  }
}

function createScheduler(log: string[][]): StepScheduler {
  return new StepScheduler(limits, { begin: () => log.push([]), end: () => undefined });
}

function listSteps(log: readonly string[][]): readonly string[] {
  return log.filter((step) => step.length > 0).map((step) => step.join(" "));
}

test("a prompt alone is read in batches of the batch size", () => {
  assert.deepEqual(planTokens([2000]), [512]);
});

test("a prompt beside decoders gets the shared share and each decoder one token", () => {
  assert.deepEqual(planTokens([0, 2000, 0, 1]), [1, 128, 1, 1]);
});

test("prompts are read one after the other, short ones together", () => {
  assert.deepEqual(planTokens([600, 600]), [512, 0]);
  assert.deepEqual(planTokens([100, 200, 600]), [100, 200, 212]);
});

test("decoders and readers never fill more than one batch", () => {
  const decoders = Array<number>(500).fill(0);
  const sum = planTokens([...decoders, 900]).reduce((total, tokens) => total + tokens, 0);
  assert.equal(sum, 512);
});

test("members that decode take part in every step together", async () => {
  const log: string[][] = [];
  const scheduler = createScheduler(log);
  scheduler.add(new CountingMember("a", [0, 3], log));
  scheduler.add(new CountingMember("b", [0, 2], log));
  await scheduler.waitUntilIdle();
  assert.deepEqual(listSteps(log), ["a1 b1", "a1 b1", "a1"]);
});

test("a member that joins is prepared between two steps and takes part in the next", async () => {
  const log: string[][] = [];
  const scheduler = createScheduler(log);
  const first = new CountingMember("a", [0, 3], log);
  const second = new CountingMember("b", [300, 1], log);
  first.failWith(async () => {
    first.failWith(async () => undefined);
    scheduler.add(second);
  });
  scheduler.add(first);
  await scheduler.waitUntilIdle();
  assert.deepEqual(listSteps(log), ["a1", "a1 b128", "a1 b128", "b44", "b1"]);
});

test("a member that fails is told, released, and holds up nobody", async () => {
  const log: string[][] = [];
  const scheduler = createScheduler(log);
  const broken = new CountingMember("a", [0, 3], log);
  const whole = new CountingMember("b", [0, 2], log);
  const reason = new Error("decode failed");
  broken.failWith(() => Promise.reject(reason));
  scheduler.add(broken);
  scheduler.add(whole);
  await scheduler.waitUntilIdle();
  assert.equal(broken.error, reason);
  assert.ok(broken.isReleased && whole.isReleased);
  assert.equal(whole.error, undefined);
});

test("the scheduler works again after it was idle", async () => {
  const log: string[][] = [];
  const scheduler = createScheduler(log);
  for (const name of ["a", "b"]) {
    const member = new CountingMember(name, [0, 1], log);
    scheduler.add(member);
    await scheduler.waitUntilIdle();
    assert.ok(member.isReleased);
  }
});
