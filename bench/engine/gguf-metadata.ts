/** Collects the key-value part of a GGUF file. */
export class GgufMetadataWriter {
  readonly #entries: Buffer[] = [];

  addText(key: string, text: string): void {
    this.#add(key, 8, encodeText(text));
  }

  addUint32(key: string, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.#add(key, 4, bytes);
  }

  addFloat32(key: string, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.#add(key, 6, bytes);
  }

  addTexts(key: string, texts: readonly string[]): void {
    this.#addArray(key, { itemType: 8, items: texts.map((text) => encodeText(text)) });
  }

  addInt32s(key: string, values: readonly number[]): void {
    const items = values.map((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(value);
      return bytes;
    });
    this.#addArray(key, { itemType: 5, items });
  }

  /** An entry as it stands in another file. */
  addRaw(entry: Buffer): void {
    this.#entries.push(entry);
  }

  finish(tensorCount: number): Buffer {
    const head = Buffer.alloc(24);
    head.write("GGUF", 0, "latin1");
    head.writeUInt32LE(3, 4);
    head.writeBigUInt64LE(BigInt(tensorCount), 8);
    head.writeBigUInt64LE(BigInt(this.#entries.length), 16);
    return Buffer.concat([head, ...this.#entries]);
  }

  #addArray(key: string, { itemType, items }: { itemType: number; items: Buffer[] }): void {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(itemType, 0);
    head.writeBigUInt64LE(BigInt(items.length), 4);
    this.#add(key, 9, Buffer.concat([head, ...items]));
  }

  #add(key: string, type: number, value: Buffer): void {
    const typeBytes = Buffer.alloc(4);
    typeBytes.writeUInt32LE(type);
    this.#entries.push(Buffer.concat([encodeText(key), typeBytes, value]));
  }
}

interface SourceEntry {
  readonly key: string;
  readonly raw: Buffer;
  readonly texts: readonly string[];
}

const tokensKey = "tokenizer.ggml.tokens";
const typesKey = "tokenizer.ggml.token_type";
const normalType = 1;
const controlType = 3;
/** Tokens at the beginning of hello-bee's vocabulary that are no text. */
export const controlTokens = 4;
const scalarSizes: readonly number[] = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];

/** Copies the tokenizer of a model and fills its vocabulary up with words of five letters. */
export function copyTokenizer(
  target: GgufMetadataWriter,
  source: Buffer,
  vocabularySize: number,
): void {
  for (const { key, raw, texts } of readEntries(source)) {
    if (!key.startsWith("tokenizer.") || key === typesKey) continue;
    if (key !== tokensKey) {
      target.addRaw(raw);
      continue;
    }
    const filler = Array.from(
      { length: vocabularySize - texts.length },
      (_, index) => `Ġ${index.toString(26).padStart(4, "0")}x`,
    );
    target.addTexts(tokensKey, [...texts, ...filler]);
    const types = Array.from({ length: vocabularySize }, (_, index) =>
      index < controlTokens ? controlType : normalType,
    );
    target.addInt32s(typesKey, types);
  }
}

function* readEntries(source: Buffer): Generator<SourceEntry, void, void> {
  const count = Number(source.readBigUInt64LE(16));
  let offset = 24;
  for (let index = 0; index < count; index += 1) {
    const start = offset;
    const key = readText(source, offset);
    offset += 8 + Buffer.byteLength(key);
    const value = readValue(source, offset + 4, source.readUInt32LE(offset));
    offset = value.end;
    yield { key, raw: source.subarray(start, offset), texts: value.texts };
  }
}

function readValue(
  source: Buffer,
  offset: number,
  type: number,
): { readonly end: number; readonly texts: readonly string[] } {
  if (type === 8) return { end: offset + 8 + readLength(source, offset), texts: [] };
  if (type !== 9) return { end: offset + (scalarSizes[type] ?? 0), texts: [] };
  const itemType = source.readUInt32LE(offset);
  const count = readLength(source, offset + 4);
  let end = offset + 12;
  const texts: string[] = [];
  for (let index = 0; index < count; index += 1) {
    if (itemType === 8) texts.push(readText(source, end));
    end = readValue(source, end, itemType).end;
  }
  return { end, texts };
}

function readLength(source: Buffer, offset: number): number {
  return Number(source.readBigUInt64LE(offset));
}

function readText(source: Buffer, offset: number): string {
  return source.toString("utf8", offset + 8, offset + 8 + readLength(source, offset));
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, bytes]);
}
