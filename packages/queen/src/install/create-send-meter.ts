import { sizes, timings } from "@rbee/contract";
import type { ProgressEvent } from "@rbee/contract";

interface MeterInput {
  readonly node: string;
  /** Before the first byte, when there is anything to send. */
  readonly onBegin: (bytes: number) => void;
  readonly onProgress: (progress: ProgressEvent) => void;
  readonly now?: () => number;
}

export interface SendMeter {
  /** So many bytes are still to be sent. */
  readonly expect: (bytes: number) => void;
  /** So many bytes of files have left; what the wire saves by compression is not counted. */
  readonly add: (bytes: number) => void;
  /** Tells the last state, whatever was told before. */
  readonly finish: () => void;
}

const windowMs = 5000;

/** Counts what is sent and tells it a few times per second, with the speed of the last seconds. */
export function createSendMeter({
  node,
  onBegin,
  onProgress,
  now = () => performance.now(),
}: MeterInput): SendMeter {
  let bytes = 0;
  let bytesTotal = 0;
  let toldAt = now();
  let samples: readonly { readonly at: number; readonly bytes: number }[] = [];

  const tell = () => {
    toldAt = now();
    samples = [...samples.filter(({ at }) => toldAt - at <= windowMs), { at: toldAt, bytes }];
    const [oldest = { at: toldAt, bytes: 0 }] = samples;
    const seconds = Math.max(0.001, (toldAt - oldest.at) / 1000);
    const bytesPerSecond = (bytes - oldest.bytes) / seconds;
    onProgress({
      type: "progress",
      stage: "sending",
      node,
      bytes_sent: bytes,
      bytes_total: bytesTotal,
      speed_mbps: bytesPerSecond / sizes.bytesPerMb,
      eta_seconds: bytesPerSecond > 0 ? (bytesTotal - bytes) / bytesPerSecond : null,
    });
  };
  return {
    expect: (rest) => {
      if (bytesTotal === 0 && rest > 0) onBegin(rest);
      bytesTotal = bytes + rest;
      // What was done meanwhile says nothing about the speed of the wire.
      toldAt = now();
      samples = [{ at: toldAt, bytes }];
    },
    add: (count) => {
      bytes += count;
      if (now() - toldAt >= timings.sendIntervalMs) tell();
    },
    finish: tell,
  };
}
