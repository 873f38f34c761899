import type { workerRoutes } from "@rbee/contract";
import type { Call, Handler } from "@rbee/daemon";
import { createCollectingListener, createStreamListener } from "./generation-listeners.ts";
import { InferenceRun } from "./inference-run.ts";
import type { RunPorts } from "./inference-run.ts";
import type { PreparedGeneration } from "./prepare-generation.ts";
import { doneToWire, resultToWire } from "./token-frames.ts";

export interface InferPorts extends RunPorts {
  readonly createId: () => string;
  /** A generation that has not begun by then gets its stream all the same. */
  readonly streamOpenMs: number;
}

type InferCall = Call<typeof workerRoutes.infer>;

interface Answer {
  readonly run: InferenceRun;
  readonly prepared: PreparedGeneration;
  readonly call: InferCall;
}

/**
 * Generates in one slot. What is wrong before the engine begins is answered with a status; from
 * then on the stream tells, and its one terminal event is `done` or `error`.
 */
export function infer(ports: InferPorts): Handler<typeof workerRoutes.infer> {
  return async (call) => {
    const run = new InferenceRun(ports, call, call.body.job_id ?? ports.createId());
    try {
      const prepared = await run.prepare();
      const answer = { run, prepared, call };
      if (call.body.stream === false) return await answerWhole(answer);
      return await answerStream(answer, ports.streamOpenMs);
    } catch (error) {
      run.close();
      run.noteFailure(error);
      throw error;
    }
  };
}

async function answerWhole({ run, prepared, call }: Answer): Promise<Response> {
  const wantsLogprobs = call.body.logprobs !== undefined;
  const { listener, whole } = createCollectingListener(run, wantsLogprobs);
  const totals = await run.follow(prepared, listener);
  run.noteEnd(totals);
  run.close();
  return Response.json(resultToWire(whole(), totals), { headers: headersOf(run, call) });
}

async function answerStream(answer: Answer, streamOpenMs: number): Promise<Response> {
  const { run, prepared, call } = answer;
  const { listener, started, open } = createStreamListener(run);
  const following = run.follow(prepared, listener);
  await waitForAny([started, following], streamOpenMs);
  return call.stream(
    async (writer) => {
      run.endWith(writer.signal);
      run.narrateTo((event) => void writer.send(event));
      open(writer);
      try {
        const totals = await following;
        run.noteEnd(totals);
        const wait = writer.send(doneToWire(totals));
        if (wait !== undefined) await run.limits.waitUnlessAborted(wait);
      } catch (error) {
        run.noteFailure(error);
        throw error;
      } finally {
        run.close();
      }
    },
    { headers: headersOf(run, call) },
  );
}

function headersOf(run: InferenceRun, call: InferCall): Record<string, string> {
  return { "x-rbee-request-id": run.ticket.requestId, "x-correlation-id": call.correlationId };
}

async function waitForAny(promises: readonly Promise<unknown>[], limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  try {
    await Promise.race([...promises, limit]);
  } finally {
    clearTimeout(timer);
  }
}
