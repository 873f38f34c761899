import { sizes } from "@rbee/contract";
import type { CreateKeyRequest } from "@rbee/contract";

export type KeyEnd = Pick<CreateKeyRequest, "expires_unix" | "expires_in_seconds">;

const secondsOf: Readonly<Record<string, number>> = {
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};

/**
 * How long a key is to be good: `30d`, `12h`, `90min`, `4w` from now; through the day `2026-12-31`
 * where the person is; or until a moment, `2026-12-31T18:00`. Undefined for anything else.
 */
export function parseKeyEnd(text: string): KeyEnd | undefined {
  const [, count, unit = ""] = /^([1-9]\d{0,8})([a-z]+)$/.exec(text) ?? [];
  const unitSeconds = secondsOf[unit];
  if (count !== undefined) {
    const seconds = Number(count) * (unitSeconds ?? Number.NaN);
    return seconds <= sizes.keyLifetimeSecondsMax ? { expires_in_seconds: seconds } : undefined;
  }
  const moment = parseMoment(text);
  return moment === undefined ? undefined : { expires_unix: Math.floor(moment.getTime() / 1000) };
}

function parseMoment(text: string): Date | undefined {
  const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)(T.+)?$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const midnight = new Date(Number(year), Number(month) - 1, Number(day));
  // What is no day (2026-02-30) would become another one silently.
  if (midnight.getMonth() !== Number(month) - 1) return undefined;
  if (time === undefined) return new Date(Number(year), Number(month) - 1, Number(day) + 1);
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}
