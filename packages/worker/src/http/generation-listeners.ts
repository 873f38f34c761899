import type { InferenceResult } from "@rbee/contract";
import type { SseWriter } from "@rbee/daemon";
import type { GenerationListener } from "./follow-generation.ts";
import type { InferenceRun } from "./inference-run.ts";
import { encodeTokenFrame, metricsToWire, startedToWire } from "./token-frames.ts";

/** Writes a generation to a stream that is opened once the engine has begun. */
export function createStreamListener(run: InferenceRun) {
  const started = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  let writer: SseWriter | undefined;
  const listener: GenerationListener = {
    async onStarted(promptTokens, cachedTokens) {
      started.resolve();
      await opened.promise;
      run.noteStarted();
      await writer?.send(startedToWire(run.ticket.requestId, promptTokens, cachedTokens));
    },
    onToken: (text, index, logprob) => writer?.sendFrames(encodeTokenFrame(text, index, logprob)),
    onRate: (tokens, perSecond) => writer?.send(metricsToWire(tokens, perSecond)),
  };
  return {
    listener,
    started: started.promise,
    open(stream: SseWriter) {
      writer = stream;
      opened.resolve();
    },
  };
}

/** Keeps a whole generation for one answer. */
export function createCollectingListener(run: InferenceRun, wantsLogprobs: boolean) {
  const texts: string[] = [];
  const logprobs: NonNullable<InferenceResult["logprobs"]> = [];
  const listener: GenerationListener = {
    onStarted() {
      run.noteStarted();
      return undefined;
    },
    onToken(text, _index, logprob) {
      texts.push(text);
      if (logprob === undefined) return undefined;
      logprobs.push({ ...logprob, top: [...logprob.top] });
      return undefined;
    },
    onRate: () => undefined,
  };
  return {
    listener,
    whole: () => ({
      requestId: run.ticket.requestId,
      text: texts.join(""),
      logprobs: wantsLogprobs ? logprobs : undefined,
    }),
  };
}
