import type { PayloadProgress } from "./payload.ts";

/** Counts bytes of one part and tells of them a few times per second. */
export interface Meter {
  readonly start: (bytesDone: number, bytesTotal: number) => void;
  readonly add: (bytes: number) => void;
  readonly end: () => void;
}

const intervalMs = 200;

export function createMeter(
  stage: PayloadProgress["stage"],
  part: string,
  onProgress: (progress: PayloadProgress) => void,
): Meter {
  let startedAt = performance.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  let startedWith = 0;
  let bytesDone = 0;
  let bytesTotal = 0;
  const tell = () => {
    toldAt = performance.now();
    const seconds = (toldAt - startedAt) / 1000;
    const bytesPerSecond = seconds > 0 ? (bytesDone - startedWith) / seconds : 0;
    onProgress({ stage, part, bytesDone, bytesTotal, bytesPerSecond });
  };
  return {
    start: (done, total) => {
      startedAt = performance.now();
      startedWith = done;
      bytesDone = done;
      bytesTotal = total;
      tell();
    },
    add: (bytes) => {
      bytesDone += bytes;
      if (performance.now() - toldAt >= intervalMs) tell();
    },
    end: tell,
  };
}
