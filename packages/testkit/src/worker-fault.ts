import type { InferenceRequest } from "@rbee/contract";

/** What goes wrong, and where in the stream of one request. */
export interface WorkerFault {
  readonly kind: "die" | "garbage" | "stall";
  readonly point: FaultPoint;
}

const faultPoints = [
  "before-head",
  "after-head",
  "after-started",
  "after-token",
  "mid-frame",
  "after-done",
] as const;
export type FaultPoint = (typeof faultPoints)[number];

const order = new RegExp(`fault: (die|garbage|stall) (${faultPoints.join("|")})`);

/** The fault that a prompt asks for: `fault: die after-token`. */
export function findFault({ prompt, messages }: InferenceRequest): WorkerFault | undefined {
  const words = prompt ?? messages?.at(-1)?.content ?? "";
  const [, kind, point] = order.exec(words) ?? [];
  if (kind === undefined) return undefined;
  return { kind: kind as WorkerFault["kind"], point: point as FaultPoint };
}
