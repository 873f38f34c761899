import { errorCatalogue, errorEntry } from "@rbee/contract";
import type { ErrorCode } from "@rbee/contract";

/**
 * Whose affair an error is: of whoever asked (`client`), of too little room for what is asked
 * (`capacity`), or of a machine that does not do what it should (`fault`).
 */
export const errorClasses = ["client", "capacity", "fault"] as const;
export type ErrorClass = (typeof errorClasses)[number];

const wants: ReadonlySet<string> = new Set([
  "ALL_SLOTS_BUSY",
  "QUEUE_FULL",
  "QUEUE_TIMEOUT",
  "RATE_LIMITED",
]);

export function judgeErrorClass(code: string): ErrorClass {
  if (!Object.hasOwn(errorCatalogue, code)) return "fault";
  const { status } = errorEntry(code as ErrorCode);
  if (wants.has(code) || status === 507) return "capacity";
  return status >= 400 && status < 500 ? "client" : "fault";
}
