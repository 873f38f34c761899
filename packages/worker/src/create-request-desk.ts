import { RbeeError } from "@rbee/contract";
import type { LoadedModel, RequestDesk, Ticket } from "./ports.ts";
import type { StatusBoard } from "./create-status-board.ts";

interface DeskOptions {
  readonly board: StatusBoard;
  readonly model: () => LoadedModel | undefined;
}

export interface ClosableDesk extends RequestDesk {
  /** Settles once every request is answered, or when the signal aborts. */
  readonly waitUntilEmpty: (signal: AbortSignal) => Promise<void>;
  readonly abortAll: (reason: RbeeError) => void;
}

/** Hands out slots to requests and knows which request holds one. */
export function createRequestDesk({ board, model }: DeskOptions): ClosableDesk {
  const running = new Map<string, Ticket>();
  const waiting = new Set<() => void>();

  const createTicket = (requestId: string, loaded: LoadedModel): Ticket => {
    const controller = new AbortController();
    let holdsSlot = true;
    const ticket: Ticket = {
      requestId,
      model: loaded,
      signal: controller.signal,
      abort: (reason) => controller.abort(reason),
      release() {
        if (holdsSlot) board.freeSlot();
        holdsSlot = false;
      },
      close() {
        if (running.get(requestId) === ticket) running.delete(requestId);
        if (running.size > 0) return;
        for (const wake of waiting) wake();
      },
    };
    return ticket;
  };

  return {
    open(requestId) {
      // One that was cancelled and is about to end keeps its slot, not its name.
      if (running.get(requestId)?.signal.aborted === false) throw duplicate();
      const admission = board.takeSlot();
      const loaded = model();
      if (!admission.isAdmitted) throw refusal(board, admission.refusal);
      if (loaded === undefined) throw new Error("slots are given without a model");
      const ticket = createTicket(requestId, loaded);
      running.set(requestId, ticket);
      return ticket;
    },
    cancel(requestId) {
      running.get(requestId)?.abort(new RbeeError("REQUEST_CANCELED", {}));
    },
    abortAll(reason) {
      for (const ticket of running.values()) ticket.abort(reason);
    },
    async waitUntilEmpty(signal) {
      if (running.size === 0 || signal.aborted) return;
      await new Promise<void>((resolve) => {
        const finish = () => {
          waiting.delete(finish);
          signal.removeEventListener("abort", finish);
          resolve();
        };
        waiting.add(finish);
        signal.addEventListener("abort", finish);
      });
    },
  };
}

function refusal(board: StatusBoard, code: "WORKER_NOT_READY" | "ALL_SLOTS_BUSY"): RbeeError {
  const { state, slotsTotal } = board.current();
  if (code === "WORKER_NOT_READY") return new RbeeError(code, { state });
  return new RbeeError(code, { slots_total: slotsTotal, slots_busy: slotsTotal });
}

function duplicate(): RbeeError {
  const message = "belongs to a request that still runs";
  return new RbeeError("INVALID_REQUEST", {
    errors: [{ field: "job_id", constraint: "unique", message }],
  });
}
