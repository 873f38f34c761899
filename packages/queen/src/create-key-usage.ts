import { sizes, timings } from "@rbee/contract";
import type { Logger } from "@rbee/daemon";
import type { KeyUsageCounter, UsageDay, UsageFigures, UsageStore } from "./key-ports.ts";

export interface KeyUsageOptions {
  readonly store: UsageStore;
  /** The name of a key; undefined for an id that is none. */
  readonly nameOf: (id: string) => string | undefined;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

export interface OpenKeyUsage extends KeyUsageCounter {
  /** Writes down what is not yet, and stops. */
  readonly close: () => void;
}

/** Where requests count that came with the key of this machine, or while nobody needed one. */
export const localUsage = { id: "local", name: "this machine" } as const;

const nothing: UsageFigures = { requests: 0, promptTokens: 0, generatedTokens: 0 };
const dayMs = 86_400_000;

/** What keys ask for: counted in memory, written down every few seconds. */
export function createKeyUsage(options: KeyUsageOptions): OpenKeyUsage {
  const { store, logger, nowMs } = options;
  const today = () => dayOf(nowMs());
  const totals = new Map(store.totals());
  let pending = new Map<string, UsageDay>();
  let forgottenOn = "";
  let hasFailed = false;

  const flush = () => {
    try {
      if (pending.size > 0) store.add([...pending.values()]);
      pending = new Map();
      forgetOld();
      hasFailed = false;
    } catch (error) {
      // It stays in memory and is tried again; a full disk is worth one line, not one a second.
      if (!hasFailed) logger.error({ error }, "what keys ask for could not be written down");
      hasFailed = true;
    }
  };
  const timer = setInterval(flush, timings.usageFlushMs);
  timer.unref();

  return {
    count(keyId, promptTokens, generatedTokens) {
      const name = options.nameOf(keyId);
      const { id, name: keyName } = name === undefined ? localUsage : { id: keyId, name };
      const more = { requests: 1, promptTokens, generatedTokens };
      totals.set(id, sum(totals.get(id) ?? nothing, more));
      const day = today();
      const at = `${day} ${id}`;
      pending.set(at, { keyId: id, keyName, day, ...sum(pending.get(at) ?? nothing, more) });
    },
    totalOf: (keyId) => totals.get(keyId) ?? nothing,
    list(days, keyId) {
      flush();
      return store.list(dayOf(nowMs() - (days - 1) * dayMs), keyId);
    },
    close() {
      clearInterval(timer);
      flush();
    },
  };

  function forgetOld(): void {
    if (forgottenOn === today()) return;
    store.forget(dayOf(nowMs() - (sizes.usageDaysKept - 1) * dayMs));
    forgottenOn = today();
  }
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

function sum(one: UsageFigures, other: UsageFigures): UsageFigures {
  return {
    requests: one.requests + other.requests,
    promptTokens: one.promptTokens + other.promptTokens,
    generatedTokens: one.generatedTokens + other.generatedTokens,
  };
}
