import type { HubCounters } from "./hub-counters.ts";
import type { HubFaults } from "./hub-faults.ts";
import type { HubRepository } from "./hub-repository.ts";

/** What the hub and its CDN share. */
export interface HubWorld {
  readonly repositories: Map<string, HubRepository>;
  readonly faults: HubFaults;
  readonly counters: HubCounters;
  /** Files in one answer of a list. */
  readonly pageSize: number;
  /** Tokens of people who may read nothing special. */
  readonly otherTokens: readonly string[];
  readonly cdnPort: () => number;
}
