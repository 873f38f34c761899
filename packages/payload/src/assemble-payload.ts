import type { Payload, PayloadInput } from "./payload.ts";
import { translateObstacle } from "./translate-obstacle.ts";

// What the largest payload without a GPU takes in the cache: the engine and a Node.
const usualSizeBytes = 200 * 1024 * 1024;

/**
 * A complete copy of rbee for a platform, from what the running copy has and what the cache has;
 * only what is still missing is fetched. Throws PAYLOAD_UNAVAILABLE, INSUFFICIENT_DISK,
 * PERMISSION_DENIED.
 */
export async function assemblePayload(input: PayloadInput): Promise<Payload> {
  // Loaded when asked for: a queen lives for days, and makes a payload once in a while.
  const { buildPayload } = await import("./build-payload.ts");
  try {
    return await buildPayload(input);
  } catch (error) {
    input.signal.throwIfAborted();
    const attempt = { folder: input.cacheFolder, sizeBytes: usualSizeBytes };
    throw (await translateObstacle(error, attempt)) ?? error;
  }
}
