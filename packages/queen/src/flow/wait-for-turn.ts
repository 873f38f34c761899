import type { WorkerFacts } from "../domain/placement-facts.ts";
import type { Errand } from "../ports.ts";
import type { Ticket } from "./queue-ticket.ts";
import type { TaskRecord } from "./task-registry.ts";

export interface WaitingFor {
  readonly ticket: Ticket;
  readonly record: TaskRecord;
  readonly model: string;
}

/** Waits in the queue and tells the place there; undefined when a new decision is necessary. */
export async function waitForTurn(
  { ticket, record, model }: WaitingFor,
  { hop, story }: Errand,
): Promise<WorkerFacts | undefined> {
  const turn = await ticket.turn({
    signal: hop.signal,
    onPosition(position, estimatedWaitMs) {
      record.advance({ type: "queued", position, estimatedWaitMs });
      const seconds = estimatedWaitMs === undefined ? undefined : estimatedWaitMs / 1000;
      const expected = seconds === undefined ? "" : `, about ${renderSeconds(seconds)}`;
      const human = `Position ${position} in the queue for ${model}${expected}`;
      const line = { action: "queue", target: model, human, cute: `⏳ ${human}`, position };
      const estimate = seconds === undefined ? {} : { estimated_wait_s: seconds };
      story({ type: "tell", line: { ...line, ...estimate } });
    },
  });
  return turn.kind === "use" ? turn.worker : undefined;
}

function renderSeconds(seconds: number): string {
  if (seconds < 100) return `${Math.max(1, Math.round(seconds))} s`;
  return `${Math.round(seconds / 60)} min`;
}
