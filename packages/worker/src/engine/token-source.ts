import type {
  ControlledEvaluateInputItem,
  LlamaContextSequence,
  SequenceEvaluateOptions,
  SequenceEvaluateOutput,
  Token,
} from "node-llama-cpp";
import type { Sampling } from "../engine.ts";
import type { Candidate } from "./token-sampler.ts";
import { TokenSampler } from "./token-sampler.ts";

/** A token that was chosen, and how probable it and the likeliest ones were, where that was asked. */
export interface SourcedToken {
  readonly token: number;
  readonly probability?: number;
  readonly likeliest?: readonly { readonly token: number; readonly probability: number }[];
}

/** Where the next token of a sequence comes from. */
export interface TokenSource {
  readonly next: () => Promise<SourcedToken>;
  readonly close: () => Promise<void>;
}

interface SourceInput {
  readonly sequence: LlamaContextSequence;
  /** What is read before the first token. */
  readonly unread: readonly number[];
  readonly options: SequenceEvaluateOptions;
  readonly sampling: Sampling;
  /** How many likely tokens are told with each. */
  readonly logprobs: number | undefined;
  readonly vocabularySize: number;
}

/** The source that costs least for what is asked. */
export function openTokenSource(input: SourceInput): TokenSource {
  const hasGrammar = input.options.grammarEvaluationState !== undefined;
  return input.logprobs === undefined || hasGrammar ? sampleInside(input) : weighAll(input);
}

type OutputStream = AsyncGenerator<
  SequenceEvaluateOutput<{ readonly probabilities: true }>,
  void,
  void | Token | Token[]
>;

// llama.cpp samples. Under a grammar the probabilities are those of what it has left over.
function sampleInside({ sequence, unread, options, logprobs }: SourceInput): TokenSource {
  // Computing probabilities makes a token several times as expensive, so only when asked for.
  const metadata = logprobs === undefined ? {} : { probabilities: true };
  const tokens = unread as Token[];
  const outputs = sequence.evaluateWithMetadata(tokens, metadata, options) as OutputStream;
  return {
    async next() {
      const { value } = await outputs.next();
      if (!value) throw new Error("The sequence ended without a token");
      const { token, probabilities } = value;
      if (logprobs === undefined) return { token };
      const likeliest: { token: number; probability: number }[] = [];
      // The library lists the most probable first.
      for (const [candidate, probability] of probabilities) {
        if (likeliest.length >= logprobs) break;
        likeliest.push({ token: candidate, probability });
      }
      return { token, probability: probabilities.get(token) ?? 0, likeliest };
    },
    async close() {
      await outputs.return();
    },
  };
}

// The library weighs all tokens, with bias and penalties; which one is next is chosen here, so that
// probabilities are those of the model, whatever the sampling leaves out.
function weighAll({ sequence, unread, options, ...input }: SourceInput): TokenSource {
  const { sampling, logprobs = 0, vocabularySize } = input;
  const sampler = new TokenSampler(sampling, options.seed ?? 0);
  const most = sampling.topK > 0 ? Math.max(sampling.topK, logprobs) : vocabularySize;
  const { repeatPenalty, tokenBias } = options;
  const generateNext = {
    token: true,
    totalLogitWeight: true,
    logits: { filter: { tokens: [], includeTop: Math.max(1, most) } },
    options: {
      temperature: 0,
      ...(repeatPenalty === undefined ? {} : { repeatPenalty }),
      ...(tokenBias === undefined ? {} : { tokenBias }),
    },
  };
  let tokens: readonly number[] = unread;
  return {
    async next() {
      const last = [tokens.at(-1) as Token, { generateNext }] as const;
      const items = [...tokens.slice(0, -1), last] as ControlledEvaluateInputItem[];
      const weighed = (await sequence.controlledEvaluate(items)).at(-1)?.next;
      const candidates = readCandidates(weighed?.logits);
      const total = weighed?.totalLogitWeight ?? 0;
      const best = candidates[0]?.logit ?? 0;
      const probabilityOf = ({ logit }: Candidate) => Math.exp(logit - best) / total;
      const chosen = sampler.choose(candidates);
      tokens = [chosen.token];
      return {
        token: chosen.token,
        probability: probabilityOf(chosen),
        likeliest: candidates
          .slice(0, logprobs)
          .map((one) => ({ token: one.token, probability: probabilityOf(one) })),
      };
    },
    close: async () => {},
  };
}

function readCandidates(logits: ReadonlyMap<Token, number> | undefined): readonly Candidate[] {
  return [...(logits ?? [])].map(([token, logit]) => ({ token, logit }));
}
