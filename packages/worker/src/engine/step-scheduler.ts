// Keeps every busy sequence in step: all ask for their next token at once, so that each batch is
// full, and what changes the state of a sequence happens between two steps. Left alone, sequences
// miss each other's batches and two that decode never meet.

/** Something that takes part in steps until it says that it is over. */
export interface StepMember {
  /** Prompt tokens that are still to be read; 0 or 1 while decoding. */
  readonly unreadTokens: number;
  readonly isOver: boolean;
  /** Brings the sequence into the state that reading starts from. Runs alone, between steps. */
  prepare(): Promise<void>;
  /** Reads at most this many prompt tokens, or decodes one token. */
  advance(tokensMax: number): Promise<void>;
  /** Gives the sequence back. Runs alone, between steps, also after a failure. */
  release(): Promise<void>;
  /** Told once when `prepare` or `advance` has failed; the member must then be over. */
  fail(error: unknown): void;
}

export interface StepLimits {
  /** Tokens of one batch. */
  readonly batchTokensMax: number;
  /** Prompt tokens per step while nobody decodes: how long a cancelled prompt still takes. */
  readonly promptTokensAloneMax: number;
  /** Prompt tokens per step while others decode: how long a prompt holds the others up. */
  readonly promptTokensSharedMax: number;
}

export interface StepPart<Member> {
  readonly member: Member;
  readonly tokensMax: number;
}

/** Told before and after each step, to set the machine up for it. */
export interface StepObserver {
  begin(tokens: number): void;
  end(tokens: number, stepMs: number): void;
}

type Reader = Pick<StepMember, "unreadTokens">;

// Decoders always take part with one token; readers share what is left, first come first served,
// because two half-read prompts help nobody.
export function planStep<Member extends Reader>(
  members: Iterable<Member>,
  limits: StepLimits,
): readonly StepPart<Member>[] {
  const present = [...members];
  const decoders = present.filter((member) => member.unreadTokens <= 1);
  const readers = present.filter((member) => member.unreadTokens > 1);
  const promptTokensMax =
    decoders.length === 0 ? limits.promptTokensAloneMax : limits.promptTokensSharedMax;
  let tokensLeft = Math.min(limits.batchTokensMax - decoders.length, promptTokensMax);
  const parts: StepPart<Member>[] = decoders.map((member) => ({ member, tokensMax: 1 }));
  for (const member of readers) {
    if (tokensLeft <= 0) break;
    const tokensMax = Math.min(tokensLeft, member.unreadTokens);
    tokensLeft -= tokensMax;
    parts.push({ member, tokensMax });
  }
  return parts;
}

export class StepScheduler {
  readonly #limits: StepLimits;
  readonly #observer: StepObserver | undefined;
  readonly #joining: StepMember[] = [];
  readonly #members = new Set<StepMember>();
  #run: Promise<void> | undefined;

  constructor(limits: StepLimits, observer?: StepObserver) {
    this.#limits = limits;
    this.#observer = observer;
  }

  /** The member is prepared before the next step and released once it is over. */
  add(member: StepMember): void {
    this.#joining.push(member);
    this.#run ??= this.#stepWhileBusy();
  }

  /** Resolves when no member is left. */
  async waitUntilIdle(): Promise<void> {
    while (this.#run !== undefined) await this.#run;
  }

  async #stepWhileBusy(): Promise<void> {
    while (this.#joining.length > 0 || this.#members.size > 0) {
      await this.#admit();
      await this.#dismiss();
      await this.#step(planStep(this.#members, this.#limits));
    }
    this.#run = undefined;
  }

  async #step(parts: readonly StepPart<StepMember>[]): Promise<void> {
    if (parts.length === 0) return;
    const tokens = parts.reduce((sum, { tokensMax }) => sum + tokensMax, 0);
    this.#observer?.begin(tokens);
    const startMs = performance.now();
    await Promise.all(parts.map((part) => advance(part)));
    this.#observer?.end(tokens, performance.now() - startMs);
  }

  async #admit(): Promise<void> {
    for (let member = this.#joining.shift(); member; member = this.#joining.shift()) {
      this.#members.add(member);
      try {
        if (!member.isOver) await member.prepare();
      } catch (error) {
        member.fail(error);
      }
    }
  }

  async #dismiss(): Promise<void> {
    for (const member of this.#members) {
      if (!member.isOver) continue;
      this.#members.delete(member);
      try {
        await member.release();
      } catch (error) {
        member.fail(error);
      }
    }
  }
}

async function advance({ member, tokensMax }: StepPart<StepMember>): Promise<void> {
  try {
    await member.advance(tokensMax);
  } catch (error) {
    member.fail(error);
  }
}
