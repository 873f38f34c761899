import { queueTurns } from "@rbee/contract";
import type { Placement } from "./place-task.ts";
import type { TaskQueue, WaitingTask } from "./task-queue.ts";

export type Served = Exclude<Placement, { kind: "wait" }>;

export interface TurnServer {
  /** Decides for a task, and reserves when it is to use a worker. */
  readonly place: (task: WaitingTask) => Placement;
  /** The task was taken out of the queue; this is what it got. */
  readonly grant: (task: WaitingTask, placement: Served) => void;
}

export interface TurnsServed {
  readonly count: number;
  /** When a decision to wait may be another one though nothing has happened; else infinite. */
  readonly lookAgainAtMs: number;
}

/**
 * Serves a queue in the order of its turns, until nobody is left whose wish may still be served:
 * where one task finds no worker, no other with the same wish does, however many there are.
 */
export function serveTurns(queue: TaskQueue, { place, grant }: TurnServer): TurnsServed {
  const blocked = new Set<string>();
  const makers = new Map<string, number>();
  let lookAgainAtMs = Number.POSITIVE_INFINITY;
  let count = 0;
  for (let task = queue.next(blocked); task !== undefined; task = queue.next(blocked)) {
    const placement = place(task);
    if (placement.kind === "wait") {
      blocked.add(task.wish);
      lookAgainAtMs = Math.min(lookAgainAtMs, placement.lookAgainAtMs ?? lookAgainAtMs);
      continue;
    }
    count += 1;
    queue.take(task.taskId);
    grant(task, placement);
    if (placement.kind === "use" || placement.kind === "refuse") continue;
    // One makes room, or a few ask for a worker; the others would only do the same.
    const asked = (makers.get(task.wish) ?? 0) + 1;
    makers.set(task.wish, asked);
    if (placement.kind === "evict" || asked >= queueTurns.spawnersMax) blocked.add(task.wish);
  }
  return { count, lookAgainAtMs };
}
