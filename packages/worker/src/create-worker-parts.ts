import type { BackendName } from "@rbee/contract";
import { createMetrics, createNarrator } from "@rbee/daemon";
import type { Logger, Metrics, MetricsAccess, Narrate } from "@rbee/daemon";
import type { Settings } from "@rbee/settings";
import type { Tracer } from "@rbee/telemetry";
import { createInferenceMeter } from "./create-inference-meter.ts";
import { createLoadingFeed } from "./create-loading-feed.ts";
import type { WritableLoadingFeed } from "./create-loading-feed.ts";
import { createRequestDesk } from "./create-request-desk.ts";
import type { ClosableDesk } from "./create-request-desk.ts";
import { createStatusBoard } from "./create-status-board.ts";
import type { StatusBoard } from "./create-status-board.ts";
import { reportNarration, reportStatus } from "./gateway/report-to-hive.ts";
import type { EngineMaker, ModelPlan } from "./model/load-model.ts";
import type { InferenceMeter, LoadedModel } from "./ports.ts";
import { traceInference } from "./trace-inference.ts";

export const program = "llm-worker-rbee";

export interface WorkerOptions {
  readonly workerId: string;
  readonly backend: BackendName;
  readonly plan: ModelPlan;
  readonly timeouts: Settings["timeouts"];
  readonly metricsAccess: MetricsAccess;
  readonly tracer: Tracer;
  readonly version: string;
  readonly logger: Logger;
  readonly currentKey: () => string | undefined;
  readonly engine: Promise<EngineMaker>;
  /** Where the hive reads what this worker says of itself, line by line. */
  readonly write: (line: string) => void;
  /** Ends the process; called once running requests have had their time. */
  readonly onLeave: () => void;
}

/** What the rooms of one worker share. */
export interface WorkerParts {
  readonly options: WorkerOptions;
  readonly board: StatusBoard;
  readonly feed: WritableLoadingFeed;
  readonly desk: ClosableDesk;
  readonly narrate: Narrate;
  readonly holder: ModelHolder;
  readonly metrics: Metrics;
  readonly meter: InferenceMeter;
}

/** The model once it is loaded and the address once HTTP listens; written by the worker's life. */
export interface ModelHolder {
  model: LoadedModel | undefined;
  url: string;
}

/** Nothing of it runs by itself. */
export function createWorkerParts(options: WorkerOptions): WorkerParts {
  const holder: ModelHolder = { model: undefined, url: "" };
  const board = createStatusBoard({
    slotsTotal: options.plan.slots,
    contextSize: options.plan.contextSize,
    readMemoryBytes: () => readMemoryBytes(holder),
    publish: (status) => reportStatus(status, options.write),
    now: () => new Date(),
  });
  const metrics = createMetrics(program, { version: options.version });
  return {
    options,
    metrics,
    meter: traceInference(
      options.tracer,
      createInferenceMeter(metrics.registry, board.current),
      options.workerId,
    ),
    board,
    holder,
    feed: createLoadingFeed(),
    desk: createRequestDesk({ board, model: () => holder.model }),
    narrate: createNarrator({
      actor: program,
      logger: options.logger,
      emit: (narration) => reportNarration(narration, options.write),
    }),
  };
}

// The engine also counts what lies on a GPU, the system also what the engine does not know of.
function readMemoryBytes({ model }: ModelHolder): number {
  return Math.max(process.memoryUsage.rss(), model?.engine.memoryBytes ?? 0);
}
