import type { Payload, PayloadInput } from "./payload.ts";

/**
 * A complete copy of rbee for a platform, from what the running copy has and what the cache has;
 * only what is still missing is fetched. Throws PAYLOAD_UNAVAILABLE.
 */
export async function assemblePayload(input: PayloadInput): Promise<Payload> {
  // Loaded when asked for: a queen lives for days, and makes a payload once in a while.
  const { buildPayload } = await import("./build-payload.ts");
  return await buildPayload(input);
}
