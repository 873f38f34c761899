import { randomUUID } from "node:crypto";
import { RbeeError, sizes, timings, workerRoutes } from "@rbee/contract";
import { createApp, createFrameHub, createNarrator } from "@rbee/daemon";
import type { App } from "@rbee/daemon";
import { createRequestLimits } from "./create-request-limits.ts";
import { program } from "./create-worker-parts.ts";
import type { WorkerParts } from "./create-worker-parts.ts";
import { cancelInference } from "./http/cancel-inference.ts";
import { embedTexts } from "./http/embed.ts";
import { answerHealth } from "./http/health.ts";
import { infer } from "./http/infer.ts";
import type { InferPorts } from "./http/infer.ts";
import { streamLoadingProgress } from "./http/loading-progress.ts";
import { answerReady } from "./http/ready.ts";
import { rerankDocuments } from "./http/rerank.ts";
import { shutDown } from "./http/shutdown.ts";
import { tokenizeText } from "./http/tokenize.ts";
import type { RequestDesk } from "./ports.ts";

// Whoever reads these streams takes five seconds of silence for a lost connection.
const watchedStreams: ReadonlySet<string> = new Set(["infer", "loadingProgress"]);

/** The HTTP side of the worker. */
export function createWorkerApp(parts: WorkerParts): App {
  const { options, board, feed, holder } = parts;
  const { metrics, meter } = parts;
  const desk = meterDesk(parts);
  const status = board.current;
  const frames = createFrameHub();
  return createApp({
    program,
    version: options.version,
    routes: workerRoutes,
    handlers: {
      health: answerHealth(status),
      ready: answerReady({ status, url: () => holder.url }),
      loadingProgress: streamLoadingProgress(feed),
      infer: infer(createInferPorts(parts, desk)),
      cancelInference: cancelInference(parts.desk),
      frames: ({ query, shareConnection }) => shareConnection(query.connection),
      grantFrames({ body }) {
        frames.grant(body);
        return undefined;
      },
      embed: embedTexts({ desk, meter, createId: randomUUID }),
      rerank: rerankDocuments({ desk, meter, createId: randomUUID }),
      tokenize: tokenizeText({ status, model: () => holder.model }),
      shutdown: shutDown({
        drainMs: options.timeouts.drain * 1000,
        leave: (drainMs) => void leave(parts, drainMs),
      }),
    },
    currentKey: options.currentKey,
    logger: options.logger,
    metrics,
    frames,
    metricsAccess: () => options.metricsAccess,
    // Whatever a queen let in; hers is the limit that is configured.
    chatBodyLimit: () => ({ bytes: sizes.chatBodyMb.max * sizes.bytesPerMb }),
    keepAliveMs: (route) =>
      watchedStreams.has(route) ? timings.taskKeepAliveMs : timings.keepAliveMs,
  });
}

// Whoever gets no slot is counted, whatever it was wanted for.
function meterDesk({ desk, meter }: WorkerParts): Pick<RequestDesk, "open"> {
  return {
    open(requestId) {
      try {
        return desk.open(requestId);
      } catch (error) {
        if (RbeeError.is(error)) meter.noteRefusal(error.code);
        throw error;
      }
    },
  };
}

function createInferPorts(
  { options, meter }: WorkerParts,
  desk: Pick<RequestDesk, "open">,
): InferPorts {
  const { timeouts, logger } = options;
  return {
    desk,
    meter,
    logger,
    createId: randomUUID,
    narrate: (correlationId, emit) =>
      createNarrator({ actor: program, logger, correlationId, emit }),
    openLimits: (ticket, deadline) =>
      createRequestLimits({
        ticket,
        deadline,
        stallMs: timeouts.token_stall * 1000,
        graceMs: timings.cancelTimeoutMs,
      }),
    inferenceTimeoutMs: timeouts.inference * 1000,
    rateIntervalMs: timings.metricsIntervalMs,
    streamOpenMs: timings.taskKeepAliveMs,
  };
}

async function leave({ board, desk, options }: WorkerParts, drainMs: number): Promise<void> {
  board.apply("drain");
  await desk.waitUntilEmpty(AbortSignal.timeout(drainMs));
  options.onLeave();
}
