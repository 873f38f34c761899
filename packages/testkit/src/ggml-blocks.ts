// Shape of the blocks of ggml's tensor types (ggml-common.h), for writing files that load: bytes may
// be random, but the half-precision scales among them must be numbers of a sensible size.

interface GgmlBlock {
  /** The number of the type in a GGUF file. */
  readonly code: number;
  readonly elements: number;
  readonly bytes: number;
  /** Where the scales are, and what they are so that weights are about as large as trained ones. */
  readonly scales: readonly (readonly [offset: number, value: number])[];
}

export const ggmlBlocks = {
  F32: { code: 0, elements: 1, bytes: 4, scales: [] },
  F16: { code: 1, elements: 1, bytes: 2, scales: [] },
  Q4_0: { code: 2, elements: 32, bytes: 18, scales: [[0, 0.005]] },
  Q4_1: {
    code: 3,
    elements: 32,
    bytes: 20,
    scales: [
      [0, 0.005],
      [2, -0.0375],
    ],
  },
  Q5_0: { code: 6, elements: 32, bytes: 22, scales: [[0, 0.0025]] },
  Q5_1: {
    code: 7,
    elements: 32,
    bytes: 24,
    scales: [
      [0, 0.0025],
      [2, -0.039],
    ],
  },
  Q8_0: { code: 8, elements: 32, bytes: 34, scales: [[0, 0.0003]] },
  Q2_K: {
    code: 10,
    elements: 256,
    bytes: 84,
    scales: [
      [80, 0.003],
      [82, 0.0045],
    ],
  },
  Q3_K: { code: 11, elements: 256, bytes: 110, scales: [[108, 0.0006]] },
  Q4_K: {
    code: 12,
    elements: 256,
    bytes: 144,
    scales: [
      [0, 0.0001],
      [2, 0.00075],
    ],
  },
  Q5_K: {
    code: 13,
    elements: 256,
    bytes: 176,
    scales: [
      [0, 0.00005],
      [2, 0.00078],
    ],
  },
  Q6_K: { code: 14, elements: 256, bytes: 210, scales: [[208, 0.00002]] },
  IQ4_NL: { code: 20, elements: 32, bytes: 18, scales: [[0, 0.0003]] },
} as const satisfies Record<string, GgmlBlock>;

export type GgmlTypeName = keyof typeof ggmlBlocks;

/** Bytes of a tensor whose rows have `dimensions[0]` elements. */
export function countTensorBytes(type: GgmlTypeName, dimensions: readonly number[]): number {
  const { elements, bytes } = ggmlBlocks[type];
  const rowElements = dimensions[0] ?? 0;
  if (rowElements % elements !== 0) {
    throw new Error(`${type} needs rows of a multiple of ${elements}, not ${rowElements}`);
  }
  const count = dimensions.reduce((product, dimension) => product * dimension, 1);
  return (count / elements) * bytes;
}

/** Half precision of a normal number that is neither tiny nor huge. */
export function encodeHalf(value: number): number {
  const float = new Float32Array([value]);
  const bits = new Uint32Array(float.buffer)[0] ?? 0;
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
  if (exponent > 0) return ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff);
  const mantissa = ((bits & 0x7f_ffff) | 0x80_0000) >>> (14 - exponent);
  return ((bits >>> 16) & 0x8000) | mantissa;
}
