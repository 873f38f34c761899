import type { ProgressEvent } from "@rbee/contract";
import { Progress, Text } from "@mantine/core";
import { formatBytes } from "../format/format-bytes.ts";
import { formatDuration } from "../format/format-duration.ts";

/** A download, something that is sent, or a model that loads, as a bar with its figures. */
export function ProgressLine({ progress }: { readonly progress: ProgressEvent }) {
  const { text, percent } = describeProgress(progress);
  return (
    <div>
      <Text size="sm" className="figure">
        {text}
      </Text>
      {percent !== undefined && <Progress value={percent} aria-label={text} />}
    </div>
  );
}

interface Described {
  readonly text: string;
  readonly percent: number | undefined;
}

function describeProgress(progress: ProgressEvent): Described {
  switch (progress.stage) {
    case "downloading":
      return describeBytes("Downloading", progress.bytes_downloaded, progress);
    case "sending":
      return describeBytes("Sending", progress.bytes_sent, progress);
    case "loading_to_vram": {
      const { layers_loaded: loaded, layers_total: total, vram_mb: megabytes } = progress;
      const text = `Loading: ${loaded} of ${total} layers, ${Math.round(megabytes)} MB`;
      return { text, percent: share(loaded, total) };
    }
    case "retrying": {
      const { attempt, of, reason } = progress;
      return { text: `Trying again (${attempt} of ${of}): ${reason}`, percent: undefined };
    }
    case "verifying":
      return { text: "Checking what came", percent: undefined };
    case "complete":
      return { text: "Complete", percent: 100 };
    // `ready` is the one that is left.
    default:
      return { text: "Ready", percent: 100 };
  }
}

interface Bytes {
  readonly bytes_total: number;
  readonly speed_mbps: number;
  readonly eta_seconds: number | null;
}

function describeBytes(
  what: string,
  bytes: number,
  { bytes_total: total, speed_mbps: speed, eta_seconds: left }: Bytes,
): Described {
  const eta = left === null ? "" : `, ${formatDuration(left * 1000)} left`;
  const amount = `${formatBytes(bytes)} of ${formatBytes(total)}`;
  return {
    text: `${what}: ${amount}, ${speed.toFixed(1)} MB/s${eta}`,
    percent: share(bytes, total),
  };
}

function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, (part / whole) * 100) : 0;
}
