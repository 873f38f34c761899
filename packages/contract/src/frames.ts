import { z } from "zod";
import { sizes } from "./limits.ts";

/**
 * The shared connection of a worker (docs/decisions/0023). It carries records: a line with the
 * number of a channel and a length in bytes, `7 61\n`, then so many bytes of that request's event
 * stream, whole events. A record of channel 0 with length 0 is a keep-alive.
 */
export const framesContentType = "application/vnd.rbee.frames";

/** Sent with POST /v1/inference: 202, and the stream comes over that connection and channel. */
export const framesHeaders = {
  connection: "x-rbee-frames",
  channel: "x-rbee-channel",
} as const;

const connection = z.string().min(1).max(sizes.identifierMax);

export const FramesQuery = z.strictObject({
  /** Whoever opens the connection names it. */
  connection,
});
export type FramesQuery = z.infer<typeof FramesQuery>;

export const FramesGrant = z.strictObject({
  connection,
  channel: z.int().min(1),
  /** Of the channel since its beginning: said again, or late, it does no harm. */
  taken_bytes: z.int().min(1),
});
export type FramesGrant = z.infer<typeof FramesGrant>;
