/** What the sender's clock showed when it sent a request that has a deadline. */
export const sentAtHeader = "x-request-sent-at";

/** A deadline on its way to another program, whose clock may be wrong. */
export function deadlineHeaders(deadline: Date): Readonly<Record<string, string>> {
  return {
    "x-request-deadline": deadline.toISOString(),
    [sentAtHeader]: new Date().toISOString(),
  };
}
