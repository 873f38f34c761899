import type { InferenceResult, ToolCallOnWire } from "@rbee/contract";
import type { SseWriter } from "@rbee/daemon";
import type { GenerationListener } from "./follow-generation.ts";
import type { InferenceRun } from "./inference-run.ts";
import { encodeTokenFrame, metricsToWire, startedToWire, toolCallToWire } from "./token-frames.ts";

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
    onToolCall: (piece) => writer?.send(toolCallToWire(piece)),
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
  const calls: ToolCallOnWire[] = [];
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
    onToolCall({ index, id, name, arguments: text }) {
      const known = calls[index];
      if (known !== undefined) known.function.arguments += text;
      else if (id !== undefined && name !== undefined) {
        calls[index] = { id, type: "function", function: { name, arguments: text } };
      }
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
      calls,
    }),
  };
}
