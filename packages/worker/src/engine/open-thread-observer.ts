import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";
import type { StepObserver } from "./step-scheduler.ts";
import { findDecodeThreads } from "./thread-trial.ts";
import { ThreadTuner } from "./thread-tuner.ts";

/** Tries what pays on this machine, and sets the number of threads before each step from then on. */
export async function openThreadObserver(
  context: LlamaContext,
  cores: number,
): Promise<StepObserver> {
  const { llama } = context.model;
  const sequence = context.getSequence();
  const decodeThreads = await findDecodeThreads(cores, async (threads) => {
    llama.maxThreads = threads;
    return await timeTrialStep(sequence);
  });
  await sequence.dispose();
  const tuner = new ThreadTuner(cores, decodeThreads);
  let threads = cores;
  return {
    begin: (tokens) => {
      threads = tuner.chooseThreads(tokens);
      llama.maxThreads = threads;
    },
    end: (tokens, stepMs) => {
      tuner.record(tokens, threads, stepMs);
      // Embeddings are computed between and beside the steps.
      llama.maxThreads = cores;
    },
  };
}

// Decodes a throw-away token in a sequence that nobody has yet.
async function timeTrialStep(sequence: LlamaContextSequence): Promise<number> {
  const startMs = performance.now();
  await sequence.evaluateWithoutGeneratingNewTokens([sequence.model.tokens.bos ?? (0 as Token)]);
  return performance.now() - startMs;
}
