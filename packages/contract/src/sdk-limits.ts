/** How patient the SDK is, where its caller says nothing. */
export const sdkLimits = {
  /** For one answer, or the head of a stream. */
  answerTimeoutMs: 60_000,
  /** Further attempts after the first. */
  retries: 2,
  /** Waits between attempts, doubling from first to max, unless the answer names one. */
  retryDelayFirstMs: 500,
  retryDelayMaxMs: 8000,
  /** Who is told to come back later than this hears of it instead of waiting. */
  retryAfterMaxMs: 60_000,
} as const;
