// Small models of the bert architecture with random weights: they embed, or they rank, and never
// generate. What they find near or relevant makes no sense, but it is always the same.
import { writeGguf } from "./write-gguf.ts";
import type { GgufTensor, GgufValue } from "./write-gguf.ts";

export interface BertShape {
  readonly name: string;
  /** `embed` gives vectors, `rank` has a classifier on top. */
  readonly purpose: "embed" | "rank";
  readonly contextLength?: number;
  readonly layers?: number;
  readonly width?: number;
}

const [meanPooling, rankPooling] = [1, 4];
const heads = 4;
const [normalType, controlType] = [1, 3];
// A word that begins has this mark, as WordPiece vocabularies in GGUF have it.
const wordMark = "\u2581";
const specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;
const words = "the bee bees hive honey queen rain town makes is in of and flower grey".split(" ");
const characters = [..."abcdefghijklmnopqrstuvwxyz0123456789.,!?'-"];
const vocabulary: readonly string[] = [
  ...specials,
  ...words.map((word) => wordMark + word),
  ...characters.map((character) => wordMark + character),
  ...characters,
];

/** Writes the model and returns its size in bytes. */
export function writeBertModel(path: string, shape: BertShape): number {
  const { contextLength = 128, layers = 2, width = 64 } = shape;
  return writeGguf(path, {
    metadata: {
      "general.architecture": "bert",
      "general.name": shape.name,
      "bert.context_length": contextLength,
      "bert.embedding_length": width,
      "bert.block_count": layers,
      "bert.feed_forward_length": width * 4,
      "bert.attention.head_count": heads,
      "bert.attention.layer_norm_epsilon": { type: "float32", value: 1e-12 },
      "bert.attention.causal": false,
      "bert.pooling_type": shape.purpose === "rank" ? rankPooling : meanPooling,
      ...describeTokenizer(),
    },
    tensors: listTensors({ ...shape, contextLength, layers, width }),
  });
}

function describeTokenizer(): Record<string, GgufValue> {
  const place = (token: (typeof specials)[number]) => specials.indexOf(token);
  return {
    "tokenizer.ggml.model": "bert",
    "tokenizer.ggml.token_type_count": 2,
    "tokenizer.ggml.tokens": vocabulary,
    "tokenizer.ggml.token_type": Int32Array.from(vocabulary, (_, index) =>
      index < specials.length ? controlType : normalType,
    ),
    "tokenizer.ggml.padding_token_id": place("[PAD]"),
    "tokenizer.ggml.unknown_token_id": place("[UNK]"),
    "tokenizer.ggml.bos_token_id": place("[CLS]"),
    "tokenizer.ggml.eos_token_id": place("[SEP]"),
    "tokenizer.ggml.seperator_token_id": place("[SEP]"),
    "tokenizer.ggml.mask_token_id": place("[MASK]"),
  };
}

function listTensors(shape: Required<BertShape>): GgufTensor[] {
  const { width, contextLength, layers, purpose } = shape;
  const tensor = (name: string, dimensions: readonly number[]): GgufTensor => ({
    name,
    dimensions,
    type: "F32",
    fill: "random",
  });
  const dense = (name: string, columns: number, rows: number): GgufTensor[] => [
    tensor(`${name}.weight`, [columns, rows]),
    tensor(`${name}.bias`, [rows]),
  ];
  const norm = (name: string): GgufTensor[] => [
    { ...tensor(`${name}.weight`, [width]), fill: "ones" },
    { ...tensor(`${name}.bias`, [width]), fill: "zeros" },
  ];
  const blocks = Array.from({ length: layers }, (_, index) => [
    ...["attn_q", "attn_k", "attn_v", "attn_output"].flatMap((name) =>
      dense(`blk.${index}.${name}`, width, width),
    ),
    ...norm(`blk.${index}.attn_output_norm`),
    ...dense(`blk.${index}.ffn_up`, width, width * 4),
    ...dense(`blk.${index}.ffn_down`, width * 4, width),
    ...norm(`blk.${index}.layer_output_norm`),
  ]);
  const classifier = [...dense("cls", width, width), ...dense("cls.output", width, 1)];
  return [
    tensor("token_embd.weight", [width, vocabulary.length]),
    tensor("token_types.weight", [width, 2]),
    tensor("position_embd.weight", [width, contextLength]),
    ...norm("token_embd_norm"),
    ...blocks.flat(),
    ...(purpose === "rank" ? classifier : []),
  ];
}
