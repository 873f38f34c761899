import { timings } from "@rbee/contract";

/**
 * Who listens to a node tries again and again; each login that fails makes the next one wait
 * longer, until a person wants something of the node.
 */
export function createLoginGate() {
  let closedUntilMs = 0;
  let waitMs = 0;
  let last: unknown;
  return {
    open(): void {
      closedUntilMs = 0;
      waitMs = 0;
    },
    async pass<Value>(login: () => Promise<Value>): Promise<Value> {
      if (performance.now() < closedUntilMs) throw last;
      try {
        const value = await login();
        waitMs = 0;
        return value;
      } catch (error) {
        last = error;
        waitMs = Math.min(Math.max(waitMs * 2, timings.hiveLinkDelayMaxMs), timings.sshRetryMaxMs);
        closedUntilMs = performance.now() + waitMs;
        throw error;
      }
    },
  };
}
