import { sizes } from "@rbee/contract";
import { createBoundedLabel } from "@rbee/daemon";
import { Counter } from "prom-client";
import type { Registry } from "prom-client";

/** What one key asked for, in all that is kept. */
export interface KeyFigures {
  readonly id: string;
  readonly name: string;
  readonly requests: number;
  readonly promptTokens: number;
  readonly generatedTokens: number;
}

type Figure = Exclude<keyof KeyFigures, "id" | "name">;

interface Total {
  last: number;
  sum: number;
  readonly label: string;
}

/**
 * Usage by key, as the queen keeps it anyway; never the key, only its name. Beyond the limit keys
 * are counted together.
 */
export function createKeyMetrics(registry: Registry, listKeys: () => readonly KeyFigures[]): void {
  const labelOf = createBoundedLabel(sizes.metricsKeysMax);
  const add = (name: string, help: string, figure: Figure) => {
    const totals = new Map<string, Total>();
    void new Counter({
      name,
      help,
      labelNames: ["key"],
      registers: [registry],
      collect() {
        for (const key of listKeys()) addUp(totals, key, { value: key[figure], labelOf });
        this.reset();
        for (const { label, sum } of totals.values()) this.inc({ key: label }, sum);
      },
    });
  };
  add("rbee_queen_key_requests_total", "Requests of each API key.", "requests");
  add("rbee_queen_key_prompt_tokens_total", "Tokens of each API key's prompts.", "promptTokens");
  add(
    "rbee_queen_key_generated_tokens_total",
    "Tokens generated for each API key.",
    "generatedTokens",
  );
}

interface Reading {
  readonly value: number;
  readonly labelOf: (name: string) => string;
}

// What is kept shrinks when old days are forgotten. A counter must not: Prometheus would take that
// for a restart and count everything again.
function addUp(
  totals: Map<string, Total>,
  { id, name }: KeyFigures,
  { value, labelOf }: Reading,
): void {
  const total = totals.get(id);
  if (total === undefined) {
    totals.set(id, { last: value, sum: value, label: labelOf(name) });
    return;
  }
  total.sum += Math.max(0, value - total.last);
  total.last = value;
}
