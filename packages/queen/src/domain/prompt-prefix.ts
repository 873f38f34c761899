/** A prompt as blocks, so that shared beginnings are found without comparing texts. */
export interface PromptPrefix {
  /** One per block; each stands for everything up to and with that block. */
  readonly hashes: readonly number[];
  /** Characters of one block, and of the whole prompt. */
  readonly blockCharacters: number;
  readonly characters: number;
}

interface PrefixOptions {
  readonly blockCharacters: number;
  /** What lies beyond so many blocks distinguishes nothing. */
  readonly blocksMax: number;
}

/**
 * Hashes the text of a request block by block, each hash chained to the one before (FNV-1a over
 * UTF-16 units, mixed once more). 31 bits: a collision only makes a preference that is not worth
 * having, and small integers are kept without an object each.
 */
export function hashPromptPrefix(text: string, options: PrefixOptions): PromptPrefix {
  const { blockCharacters, blocksMax } = options;
  const blocks = Math.min(blocksMax, Math.floor(text.length / blockCharacters));
  const hashes: number[] = [];
  let hash = 0x81_1c_9d_c5;
  for (let block = 0; block < blocks; block += 1) {
    const end = (block + 1) * blockCharacters;
    for (let index = block * blockCharacters; index < end; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93);
    }
    hashes.push(mix(hash) >>> 1);
  }
  return { hashes, blockCharacters, characters: text.length };
}

// The last steps of murmur3: without them, prompts that differ in their end have similar hashes.
function mix(hash: number): number {
  let mixed = hash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85_eb_ca_6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2_b2_ae_35);
  return mixed ^ (mixed >>> 16);
}
