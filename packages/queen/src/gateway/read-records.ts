import { sizes } from "@rbee/contract";

const lineFeed = 10;
const headMaxBytes = 24;
const recordMaxBytes = sizes.bodyMaxBytes + sizes.frameWindowBytes;

/**
 * Cuts the bytes of a shared connection into records: a line with channel and length, then so many
 * bytes. What it hands out is a view of the chunk. Throws on anything else.
 */
export function createRecordReader(
  onRecord: (channel: number, bytes: Buffer) => void,
): (chunk: Buffer) => void {
  let rest: Buffer | undefined;
  return (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (;;) {
      const lineEnd = bytes.indexOf(lineFeed, start);
      if (lineEnd < 0) {
        if (bytes.length - start > headMaxBytes) throw new Error("a record without a head");
        break;
      }
      const { channel, length } = parseHead(bytes.toString("latin1", start, lineEnd));
      const end = lineEnd + 1 + length;
      if (end > bytes.length) break;
      if (length > 0) onRecord(channel, bytes.subarray(lineEnd + 1, end));
      start = end;
    }
    rest = start === bytes.length ? undefined : bytes.subarray(start);
  };
}

function parseHead(line: string): { readonly channel: number; readonly length: number } {
  const match = /^(\d{1,10}) (\d{1,10})$/.exec(line);
  const length = Number(match?.[2]);
  if (match === null || length > recordMaxBytes) throw new Error("a record with a wrong head");
  return { channel: Number(match[1]), length };
}
