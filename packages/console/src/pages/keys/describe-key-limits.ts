import type { KeyOnWire } from "@rbee/contract";
import { formatDuration } from "../../format/format-duration.ts";
import { rateWindows } from "./key-wish.ts";

type Limits = Pick<KeyOnWire, "models" | "rate" | "expires_unix" | "priority">;

/** What a key is limited to, one phrase for each limit; `no limits` when there is none. */
export function describeKeyLimits(
  { models, rate, expires_unix: expires, priority }: Limits,
  nowMs: number,
): readonly string[] {
  const limits = [
    ...(models === null ? [] : [`only ${models.join(", ")}`]),
    ...(rate === null ? [] : [describeRate(rate)]),
    ...(expires === null ? [] : [describeEnd(expires * 1000 - nowMs)]),
    ...(priority === "normal" ? [] : [`${priority} priority`]),
  ];
  return limits.length === 0 ? ["no limits"] : limits;
}

function describeEnd(leftMs: number): string {
  return leftMs <= 0 ? "expired" : `expires in ${formatDuration(leftMs)}`;
}

function describeRate({ limit, window_seconds: seconds }: NonNullable<Limits["rate"]>): string {
  const unit = Object.entries(rateWindows).find(([, length]) => length === seconds)?.[0];
  return `${limit} requests ${unit === undefined ? `in ${seconds} s` : `per ${unit}`}`;
}
