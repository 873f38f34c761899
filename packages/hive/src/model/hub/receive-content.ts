import { finished } from "node:stream/promises";
import { ContentError, StallError } from "./describe-cause.ts";
import type { HubAnswer, HubRequester } from "./hub-request.ts";
import type { PartialFile } from "./partial-file.ts";

export interface Receiving {
  readonly url: string;
  readonly sizeBytes: number;
  /** What a file without digest is recognised by, from an earlier answer. */
  readonly etag: string | null;
  readonly requester: HubRequester;
  readonly partial: PartialFile;
  readonly stallMs: number;
  readonly signal: AbortSignal;
  /** Where the file is now, after a start from the beginning too. */
  readonly onStart: (position: number, etag: string | null) => Promise<void>;
  readonly onBytes: (count: number) => void;
}

/**
 * One attempt to get what is missing of a file. Whatever came before it broke is in the partial
 * file, to the byte. Throws what it broke with, and StallError.
 */
export async function receiveContent(receiving: Receiving): Promise<void> {
  const { partial, sizeBytes, stallMs } = receiving;
  if (partial.length === sizeBytes && sizeBytes > 0) return;
  const stall = new AbortController();
  const watch = setTimeout(() => stall.abort(new StallError(stallMs / 1000)), stallMs);
  const signal = AbortSignal.any([receiving.signal, stall.signal]);
  try {
    const answer = await ask(receiving, signal);
    watch.refresh();
    await place(receiving, answer);
    await pour(receiving, answer, () => watch.refresh());
  } catch (error) {
    if (stall.signal.aborted) throw stall.signal.reason;
    throw error;
  } finally {
    clearTimeout(watch);
    await partial.flush();
  }
  if (partial.length === sizeBytes) return;
  throw new ContentError(`the hub sent ${partial.length} of ${sizeBytes} bytes`);
}

async function ask(receiving: Receiving, signal: AbortSignal): Promise<HubAnswer> {
  const { partial, url, etag, requester } = receiving;
  const headers = {
    ...(partial.length === 0 ? {} : { range: `bytes=${partial.length}-` }),
    ...(partial.length === 0 || etag === null ? {} : { "if-range": etag }),
  };
  return await requester.get({ url, headers, signal });
}

// Whether the answer begins where we are; one that begins at the beginning takes us back there.
async function place({ partial, sizeBytes, onStart }: Receiving, answer: HubAnswer): Promise<void> {
  const { status, headers, body } = answer;
  const etag = headers.etag ?? null;
  if (status === 206) {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers["content-range"] ?? "") ?? [];
    if (Number(start) !== partial.length || Number(total) !== sizeBytes) {
      body.destroy();
      await partial.restart();
      throw new ContentError("the hub sent another part of the file");
    }
  } else if (partial.length > 0) await partial.restart();
  const announced = headers["content-length"];
  if (announced !== undefined && Number(announced) !== sizeBytes - partial.length) {
    body.destroy();
    throw new ContentError(`the hub has ${announced} bytes where its list says ${sizeBytes}`);
  }
  await onStart(partial.length, etag);
}

// Every chunk is taken as it comes: nothing that was received is lost in a buffer when it breaks.
async function pour(receiving: Receiving, { body }: HubAnswer, onChunk: () => void): Promise<void> {
  const { partial, sizeBytes, onBytes } = receiving;
  body.on("data", (chunk: Buffer) => {
    onChunk();
    if (partial.length + chunk.length > sizeBytes) {
      body.destroy(new ContentError(`the hub sends more than the ${sizeBytes} bytes of its list`));
      return;
    }
    try {
      const hasRoom = partial.write(chunk);
      onBytes(chunk.length);
      if (hasRoom) return;
    } catch (error) {
      body.destroy(error as Error);
      return;
    }
    body.pause();
    partial.flush().then(
      () => body.resume(),
      (error: unknown) => body.destroy(error as Error),
    );
  });
  await finished(body);
}
