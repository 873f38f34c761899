import { otherLabel } from "@rbee/daemon";
import { sizes } from "@rbee/contract";
import { Counter } from "prom-client";
import type { Registry } from "prom-client";

/** What one key asked for so far. */
export interface KeyFigures {
  readonly name: string;
  readonly requests: number;
  readonly promptTokens: number;
  readonly generatedTokens: number;
}

type Figure = Exclude<keyof KeyFigures, "name">;

/**
 * Usage by key, as the queen keeps it anyway. The keys that ask most have a series of their own:
 * beyond the limit all others are one.
 */
export function createKeyMetrics(registry: Registry, listKeys: () => readonly KeyFigures[]): void {
  const add = (name: string, help: string, figure: Figure) =>
    new Counter({
      name,
      help,
      labelNames: ["key"],
      registers: [registry],
      collect() {
        this.reset();
        for (const [index, key] of listKeys().entries()) {
          const label = index < sizes.metricsKeysMax ? key.name : otherLabel;
          this.inc({ key: label }, key[figure]);
        }
      },
    });
  add("rbee_queen_key_requests_total", "Requests of each API key.", "requests");
  add(
    "rbee_queen_key_prompt_tokens_total",
    "Tokens of the prompts of each API key.",
    "promptTokens",
  );
  add(
    "rbee_queen_key_generated_tokens_total",
    "Tokens generated for each API key.",
    "generatedTokens",
  );
}
