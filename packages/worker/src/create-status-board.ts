import type { WorkerStatus } from "./ports.ts";
import { admit } from "./domain/admit.ts";
import type { Admission } from "./domain/admit.ts";
import { advance } from "./domain/worker-state.ts";
import type { WorkerHappening } from "./domain/worker-state.ts";

interface BoardOptions {
  /** As asked for; the engine may have fewer once the model is in memory. */
  readonly slotsTotal: number;
  readonly contextSize: number;
  readonly readMemoryBytes: () => number;
  /** Hears of every change. */
  readonly publish: (status: WorkerStatus) => void;
  readonly now: () => Date;
}

type LoadedFacts = Pick<WorkerStatus, "slotsTotal" | "contextSize" | "capabilities">;

export interface StatusBoard {
  readonly current: () => WorkerStatus;
  readonly apply: (happening: WorkerHappening) => void;
  readonly noteLoaded: (model: LoadedFacts) => void;
  /** Takes a slot unless there is a reason to refuse. */
  readonly takeSlot: () => Admission;
  readonly freeSlot: () => void;
}

/** The one place that knows the worker's state, its slots and when it was last used. */
export function createStatusBoard(options: BoardOptions): StatusBoard {
  let state: WorkerStatus["state"] = "starting";
  let { slotsTotal, contextSize } = options;
  let capabilities: WorkerStatus["capabilities"];
  let slotsBusy = 0;
  let lastActivity: Date | undefined;

  const current = (): WorkerStatus => ({
    state,
    slotsTotal,
    slotsBusy,
    slotsAvailable: state === "idle" ? slotsTotal - slotsBusy : 0,
    memoryBytes: options.readMemoryBytes(),
    lastActivity,
    contextSize,
    capabilities,
  });
  const apply = (happening: WorkerHappening) => {
    const before = state;
    state = advance(state, happening);
    if (state !== before) options.publish(current());
  };
  // A change of slots is told once, whether or not it also changes the state.
  const noteSlots = () => {
    lastActivity = options.now();
    state = advance(state, slotsBusy >= slotsTotal ? "all-slots-taken" : "slot-free");
    options.publish(current());
  };

  return {
    current,
    apply,
    noteLoaded(model) {
      ({ slotsTotal, contextSize, capabilities } = model);
      apply("loaded");
    },
    takeSlot() {
      const admission = admit({ state, slotsTotal, slotsBusy });
      if (admission.isAdmitted) {
        slotsBusy += 1;
        noteSlots();
      }
      return admission;
    },
    freeSlot() {
      slotsBusy -= 1;
      noteSlots();
    },
  };
}
