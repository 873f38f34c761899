import { workerRoutes } from "@rbee/contract";
import type { Handler } from "@rbee/daemon";
import { isReady } from "../domain/worker-state.ts";
import type { WorkerStatus } from "../ports.ts";

interface ReadyInput {
  readonly status: () => WorkerStatus;
  /** Where this worker listens, without a path. */
  readonly url: () => string;
}

export function answerReady({ status, url }: ReadyInput): Handler<typeof workerRoutes.ready> {
  return () => {
    const { state, capabilities } = status();
    if (isReady(state)) {
      const known = capabilities === undefined ? {} : { capabilities };
      return { ready: true, state, model_loaded: true, ...known };
    }
    return { ready: false, state, progress_url: `${url()}${workerRoutes.loadingProgress.path}` };
  };
}
