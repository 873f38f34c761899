import type { KeyOnWire, KeyUsageDay } from "@rbee/contract";
import { formatRate } from "../parse-rate.ts";
import { formatLocalTime } from "./figures.ts";
import { renderFields, renderTable } from "./render-table.ts";

/** What a key may, for the person who has just made it. */
export function renderKeyLimits(key: KeyOnWire): readonly string[] {
  return renderFields([
    ["Scope", scopeTexts[key.scope]],
    ["Models", key.models === null ? "all" : key.models.join(", ")],
    ["Rate", key.rate === null ? "no limit" : formatRate(key.rate)],
    ["Good until", formatUnix(key.expires_unix)],
    ...(key.priority === "normal" ? [] : [["Priority", `up to ${key.priority}`] as const]),
  ]);
}

const scopeTexts = {
  use: "use: asks models, sees its own requests",
  operate: "operate: everything that rbee-keeper does",
} as const;

export function renderKeys(keys: readonly KeyOnWire[], now: Date): readonly string[] {
  return renderTable(
    [
      { heading: "NAME", cell: ({ name }) => name },
      { heading: "FINGERPRINT", cell: ({ fingerprint }) => fingerprint },
      { heading: "SCOPE", cell: ({ scope }) => scope },
      { heading: "MODELS", cell: ({ models }) => models?.join(",") ?? "all" },
      { heading: "RATE", cell: ({ rate }) => (rate === null ? "-" : formatRate(rate)) },
      { heading: "EXPIRES", cell: (key) => formatEnd(key, now) },
      { heading: "LAST USED", cell: (key) => formatUnix(key.last_used_unix) },
      { heading: "REQUESTS", cell: (key) => String(key.requests), align: "right" },
      { heading: "TOKENS", cell: (key) => String(tokensOf(key)), align: "right" },
      { heading: "ID", cell: ({ id }) => id },
    ],
    keys,
  );
}

export function renderKeyUsage(usage: readonly KeyUsageDay[]): readonly string[] {
  return renderTable(
    [
      { heading: "DAY (UTC)", cell: ({ day }) => day },
      { heading: "NAME", cell: ({ name }) => name },
      { heading: "REQUESTS", cell: (day) => String(day.requests), align: "right" },
      { heading: "PROMPT TOKENS", cell: (day) => String(day.prompt_tokens), align: "right" },
      { heading: "GENERATED TOKENS", cell: (day) => String(day.generated_tokens), align: "right" },
    ],
    usage,
  );
}

function formatEnd({ expires_unix: end }: KeyOnWire, now: Date): string {
  return end !== null && end * 1000 <= now.getTime() ? "expired" : formatUnix(end);
}

function formatUnix(unix: number | null): string {
  return formatLocalTime(unix === null ? null : new Date(unix * 1000));
}

function tokensOf(figures: Pick<KeyOnWire, "prompt_tokens" | "generated_tokens">): number {
  return figures.prompt_tokens + figures.generated_tokens;
}
