import type { CreateKeyRequest, KeyScope, TaskPriority } from "@rbee/contract";

/** What a person asks of a new key. */
export interface KeyWish {
  readonly name: string;
  readonly scope: KeyScope;
  readonly models: string[];
  readonly requests: number | undefined;
  readonly per: RateUnit;
  readonly days: number | undefined;
  readonly priority: TaskPriority;
}

export const rateWindows = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const;
export type RateUnit = keyof typeof rateWindows;

export const noWish: KeyWish = {
  name: "",
  scope: "use",
  models: [],
  requests: undefined,
  per: "minute",
  days: undefined,
  priority: "normal",
};

/** The same as the queen is asked for it: what was left open is left out. */
export function requestOf(wish: KeyWish): CreateKeyRequest {
  const { name, scope, models, requests, per, days, priority } = wish;
  return {
    name: name.trim(),
    scope,
    ...(models.length === 0 ? {} : { models }),
    ...(requests === undefined
      ? {}
      : { rate: { limit: requests, window_seconds: rateWindows[per] } }),
    ...(days === undefined ? {} : { expires_in_seconds: days * rateWindows.day }),
    ...(priority === "normal" ? {} : { priority }),
  };
}
