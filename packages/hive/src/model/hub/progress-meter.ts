import { sizes, timings } from "@rbee/contract";
import type { ProgressEvent } from "@rbee/contract";

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

// Long enough to be calm, short enough to follow a line that gets slow.
const windowMs = 5000;

/** Tells how a download goes: bytes, speed and time left, some times a second at most. */
export class ProgressMeter implements Disposable {
  readonly #total: number;
  readonly #report: (event: ProgressEvent) => void;
  readonly #timer: NodeJS.Timeout;
  #samples: Sample[];
  #bytes: number;
  #told = "";

  constructor(total: number, bytes: number, report: (event: ProgressEvent) => void) {
    this.#total = total;
    this.#bytes = bytes;
    this.#report = report;
    this.#samples = [{ atMs: performance.now(), bytes }];
    this.#timer = setInterval(() => this.tell(), timings.downloadProgressMs).unref();
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(count: number): void {
    this.#bytes += count;
  }

  /** Bytes that were here at a start, or that have to come again: no speed follows from them. */
  moveTo(bytes: number): void {
    this.#bytes = bytes;
    this.#samples = [{ atMs: performance.now(), bytes }];
  }

  /** Tells the state as it is now, if it is news. */
  tell(): void {
    const speed = this.#measureSpeed();
    const left = this.#total - this.#bytes;
    const event: ProgressEvent = {
      type: "progress",
      stage: "downloading",
      bytes_downloaded: this.#bytes,
      bytes_total: this.#total,
      speed_mbps: Math.round((speed / sizes.bytesPerMb) * 100) / 100,
      eta_seconds: speed > 0 && left > 0 ? Math.ceil(left / speed) : null,
    };
    const news = JSON.stringify(event);
    if (news === this.#told) return;
    this.#told = news;
    this.#report(event);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #measureSpeed(): number {
    const now = { atMs: performance.now(), bytes: this.#bytes };
    while ((this.#samples[1]?.atMs ?? Infinity) < now.atMs - windowMs) this.#samples.shift();
    const first = this.#samples[0] ?? now;
    this.#samples.push(now);
    const seconds = (now.atMs - first.atMs) / 1000;
    return seconds > 0 ? Math.max(0, now.bytes - first.bytes) / seconds : 0;
  }
}
