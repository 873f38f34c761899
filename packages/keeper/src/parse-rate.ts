import { KeyRate } from "@rbee/contract";

const secondsOf: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, d: 86_400 };

/** `10/s`, `60/min`, `1000/h`, `5000/d`; undefined for anything else. */
export function parseRate(text: string): KeyRate | undefined {
  const [, limit, unit = ""] = /^(\d{1,9})\/([a-z]+)$/.exec(text) ?? [];
  const parsed = KeyRate.safeParse({ limit: Number(limit), window_seconds: secondsOf[unit] });
  return parsed.success ? parsed.data : undefined;
}

/** As it is typed: `60/min`; a window that has no name of its own in seconds. */
export function formatRate({ limit, window_seconds: seconds }: KeyRate): string {
  const unit = Object.entries(secondsOf).find(([, length]) => length === seconds)?.[0];
  return `${limit}/${unit ?? `${seconds}s`}`;
}
