import type { ProgressEvent } from "@rbee/contract";
import { sizes } from "@rbee/contract";
import { formatBytes, formatSeconds } from "./figures.ts";

// Twenty cells are narrow enough for an 80-column terminal beside all figures. Own code, because a
// bar is one line of text here and the libraries for it bring their own clock, cursor and streams.
const cellCount = 20;
const bars: ReadonlySet<ProgressEvent["stage"]> = new Set([
  "downloading",
  "sending",
  "loading_to_vram",
]);

/** One line for a progress event; undefined for stages that only end a bar. */
export function renderProgress(event: ProgressEvent, isPlain: boolean): string | undefined {
  switch (event.stage) {
    case "downloading": {
      const share = shareOf(event.bytes_downloaded, event.bytes_total);
      const eta = event.eta_seconds === null ? "" : ` ETA ${formatSeconds(event.eta_seconds)}`;
      return (
        `Downloading ${renderBar(share, isPlain)} ${percent(share)} ` +
        `(${formatBytes(event.bytes_downloaded)} / ${formatBytes(event.bytes_total)}) ` +
        `${event.speed_mbps.toFixed(1)} MB/s${eta}`
      );
    }
    case "sending": {
      const share = shareOf(event.bytes_sent, event.bytes_total);
      const eta = event.eta_seconds === null ? "" : ` ETA ${formatSeconds(event.eta_seconds)}`;
      return (
        `Sending ${renderBar(share, isPlain)} ${percent(share)} ` +
        `(${formatBytes(event.bytes_sent)} / ${formatBytes(event.bytes_total)}) ` +
        `${event.speed_mbps.toFixed(1)} MB/s${eta}`
      );
    }
    case "loading_to_vram": {
      const share = shareOf(event.layers_loaded, event.layers_total);
      const megabytes = formatBytes(event.vram_mb * sizes.bytesPerMb);
      return (
        `Loading ${renderBar(share, isPlain)} ${percent(share)} ` +
        `(${event.layers_loaded}/${event.layers_total} layers, ${megabytes})`
      );
    }
    case "retrying":
      return (
        `Retrying: attempt ${event.attempt}/${event.of} in ${event.delay_ms} ms ` +
        `(${event.reason})`
      );
    case "verifying":
      return "Verifying the download";
    default:
      return undefined;
  }
}

export function renderBar(share: number, isPlain: boolean): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * cellCount);
  const [done, open] = isPlain ? ["#", "-"] : ["█", "░"];
  return `[${(done ?? "").repeat(full)}${(open ?? "").repeat(cellCount - full)}]`;
}

/**
 * Which step of a bar an event belongs to. Where nothing can be redrawn, a line is printed only
 * when the step changes: every tenth part of the way.
 */
export function progressStep(event: ProgressEvent): string {
  if (event.stage === "downloading") {
    return `downloading ${Math.floor(shareOf(event.bytes_downloaded, event.bytes_total) * 10)}`;
  }
  if (event.stage === "sending") {
    return `sending ${Math.floor(shareOf(event.bytes_sent, event.bytes_total) * 10)}`;
  }
  if (event.stage === "loading_to_vram") {
    return `loading ${Math.floor(shareOf(event.layers_loaded, event.layers_total) * 10)}`;
  }
  return event.stage === "retrying" ? `retrying ${event.attempt}` : event.stage;
}

export function isBar(event: ProgressEvent): boolean {
  return bars.has(event.stage);
}

/** True when nothing is to come of what the bar shows. */
export function isFull(event: ProgressEvent): boolean {
  switch (event.stage) {
    case "downloading":
      return event.bytes_total > 0 && event.bytes_downloaded >= event.bytes_total;
    case "sending":
      return event.bytes_sent >= event.bytes_total;
    case "loading_to_vram":
      return event.layers_total > 0 && event.layers_loaded >= event.layers_total;
    default:
      return false;
  }
}

function shareOf(part: number, whole: number): number {
  return whole <= 0 ? 0 : part / whole;
}

function percent(share: number): string {
  return `${Math.floor(share * 100 + 1e-6)}%`;
}
