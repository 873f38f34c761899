import { errorFromWire, RbeeError } from "@rbee/contract";
import type { ErrorEvent, Narration, ProgressEvent } from "@rbee/contract";

type Told = Narration | ProgressEvent | ErrorEvent;

/**
 * Tells the story of a stream on stderr and returns its last event. Throws the error that the
 * stream ends with.
 */
export async function followOperation<Event extends { readonly type: string }>(
  events: AsyncIterable<Event>,
  onEvent: (event: Event) => void = () => {},
): Promise<Event> {
  let last: Event | undefined;
  for await (const event of events) {
    last = event;
    tell(event as Event & Told);
    onEvent(event);
  }
  if (last !== undefined) return last;
  throw new RbeeError("SSE_CLOSED", { tokens_generated: 0, max_tokens: null });
}

function tell(event: Told): void {
  if (event.type === "narration") process.stderr.write(`[${event.actor}] ${event.human}\n`);
  else if (event.type === "progress") tellProgress(event);
  else if (event.type === "error") throw readError(event);
}

function tellProgress(event: ProgressEvent): void {
  if (event.stage === "downloading") {
    const { bytes_downloaded: bytes, bytes_total: total, speed_mbps: speed } = event;
    const percent = Math.floor((100 * bytes) / Math.max(1, total));
    process.stderr.write(`downloading ${percent} %, ${speed.toFixed(1)} MB/s\n`);
  } else if (event.stage === "retrying") {
    process.stderr.write(`attempt ${event.attempt}/${event.of}: ${event.reason}\n`);
  } else if (event.stage === "loading_to_vram") {
    process.stderr.write(`loading ${event.layers_loaded}/${event.layers_total} layers\n`);
  }
}

function readError({ error }: ErrorEvent): RbeeError {
  const found = `error ${error.code}`;
  return (
    errorFromWire(error) ??
    new RbeeError("INVALID_RESPONSE", { from: "rbee-hive", expected: "a known error", found })
  );
}
