import { sizes, timings } from "@rbee/contract";
import { createBoundedLabel } from "@rbee/daemon";
import { mergeMetrics } from "./domain/merge-metrics.ts";
import type { MetricsPage } from "./domain/merge-metrics.ts";
import type { WorkerRecord } from "./domain/worker-record.ts";
import type { WorkerGateway, WorkerPool } from "./ports.ts";

interface FigureWorld {
  readonly pool: Pick<WorkerPool, "list" | "access">;
  readonly gateway: Pick<WorkerGateway, "readMetrics">;
}

/**
 * The figures of this node's workers for the hive's own `/metrics`. Workers come and go with new ids
 * and keys, so Prometheus could not find them by itself; here they are told apart by port and
 * model, of which there are few. Read when somebody asks; a worker that is slow is left out.
 */
export function createWorkerFigures({ pool, gateway }: FigureWorld): () => Promise<string> {
  const boundedModel = createBoundedLabel(sizes.metricsModelsMax);
  const readPage = async ({ id, url, modelRef }: WorkerRecord): Promise<MetricsPage[]> => {
    if (url === null) return [];
    try {
      const text = await gateway.readMetrics(pool.access(id), timings.metricsWaitMs);
      return [{ labels: { port: new URL(url).port, model: boundedModel(modelRef) }, text }];
    } catch {
      // It may be ending, or its metrics are off: its health is watched elsewhere.
      return [];
    }
  };
  return async () => {
    const pages = await Promise.all(pool.list().map(readPage));
    return mergeMetrics(pages.flat(), "rbee_worker_");
  };
}
