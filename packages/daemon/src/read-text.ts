import { RbeeError } from "@rbee/contract";

export interface TextSource {
  readonly header: (name: string) => string | undefined;
  readonly text: () => Promise<string>;
  readonly raw: { readonly body: ReadableStream<Uint8Array> | null };
}

export interface BodyLimit {
  readonly bytes: number;
  /** Where a person may change it. */
  readonly setting?: string;
}

/** The body of a request as text. Throws PAYLOAD_TOO_LARGE as soon as it is known to be. */
export async function readText(request: TextSource, limit: BodyLimit): Promise<string> {
  const length = request.header("content-length");
  if (length !== undefined && request.header("transfer-encoding") === undefined) {
    // The HTTP parser sees to it that a body is no longer than it says.
    if (Number(length) > limit.bytes) throw tooLarge(limit);
    return await request.text();
  }
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of request.raw.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > limit.bytes) throw tooLarge(limit);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function tooLarge({ bytes, setting }: BodyLimit): RbeeError {
  const where = setting === undefined ? {} : { setting };
  return new RbeeError("PAYLOAD_TOO_LARGE", { limit_bytes: bytes, ...where });
}
