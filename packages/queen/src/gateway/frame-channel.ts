import { sizes } from "@rbee/contract";
import type { Upstream, UpstreamListener } from "./upstream.ts";

export interface FrameChannelInput {
  /** So much was taken since the beginning, and may come anew. */
  readonly grant: (takenBytes: number) => void;
  /** Nothing comes here any more. */
  readonly onClose: () => void;
}

/** One request's part of a shared connection: what comes for it waits here while its client is slow. */
export class FrameChannel {
  readonly #input: FrameChannelInput;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #takenBytes = 0;
  #grantedBytes = 0;
  #isHeld = false;
  #listener: UpstreamListener | undefined;
  #lost: "broken" | "silent" | undefined;

  constructor(input: FrameChannelInput) {
    this.#input = input;
  }

  /** Throws when the worker sends more than it may. */
  take(bytes: Buffer): void {
    if (this.#isReading() && this.#waiting.length === 0) {
      this.#deliver(bytes);
      return;
    }
    this.#waitingBytes += bytes.length;
    // A worker keeps to its window, give or take the event that reached over it.
    if (this.#waitingBytes > sizes.frameWindowBytes + sizes.bodyMaxBytes) {
      throw new Error("the worker sends more than it may");
    }
    this.#waiting.push(Buffer.from(bytes));
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** The connection is gone; what came before is still read. */
  lose(kind: "broken" | "silent"): void {
    this.#lost = kind;
    this.#catchUp();
  }

  close(): void {
    this.#input.onClose();
  }

  /** The worker agreed; `cancel` tells it that nobody wants the rest. */
  read(cancel: () => void): Upstream {
    return {
      // The shared connection is watched for all.
      tellsSilence: true,
      listen: (listener) => {
        this.#listener = listener;
        this.#catchUp();
      },
      isHeld: () => this.#isHeld,
      hold: (wait) => {
        this.#isHeld = true;
        void wait.then(() => {
          this.#isHeld = false;
          this.#settle();
          this.#catchUp();
        });
      },
      leave: () => this.close(),
      abandon: () => {
        this.close();
        this.#listener = undefined;
        cancel();
        // A worker that waits for this reader is let go on to its end.
        this.#input.grant(this.#takenBytes + this.#waitingBytes + sizes.frameWindowBytes);
      },
    };
  }

  #isReading(): boolean {
    return !this.#isHeld && this.#listener !== undefined;
  }

  #catchUp(): void {
    while (this.#isReading()) {
      const bytes = this.#waiting.shift();
      if (bytes === undefined) break;
      this.#waitingBytes -= bytes.length;
      this.#deliver(bytes);
    }
    if (this.#lost !== undefined && this.#waiting.length === 0) this.#listener?.onClose(this.#lost);
  }

  #deliver(bytes: Buffer): void {
    this.#takenBytes += bytes.length;
    this.#listener?.onBytes(bytes);
    this.#settle();
  }

  // What a slow reader has not taken yet is not granted anew.
  #settle(): void {
    const owedBytes = this.#takenBytes - this.#grantedBytes;
    if (this.#isHeld || owedBytes < sizes.frameWindowBytes / 2) return;
    this.#grantedBytes = this.#takenBytes;
    this.#input.grant(this.#takenBytes);
  }
}
