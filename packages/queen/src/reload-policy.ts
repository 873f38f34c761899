import type { ReloadPolicy } from "@rbee/settings";

const followed: ReadonlySet<string> = new Set([
  "queen.api_key_file",
  "queen.chat_body_limit_mb",
  "queen.cors_origins",
  "queen.patience",
  "queen.pinned",
  "queen.queue_limit",
  "queen.queue_wait",
  "queen.metrics",
  "queen.residency",
  "timeouts.inference",
  "timeouts.token_stall",
  "timeouts.drain",
]);
const fixed: ReadonlySet<string> = new Set([
  "timeouts.connect",
  "timeouts.worker_start",
  "timeouts.heartbeat",
  "timeouts.shutdown",
]);

/** What a running queen does with a setting that was changed. */
export const queenReloadPolicy: ReloadPolicy = (setting) => {
  if (followed.has(setting) || /^(?:aliases|remote)\./.test(setting)) return "follow";
  if (fixed.has(setting) || /^(?:queen|paths|telemetry)\./.test(setting)) return "restart";
  // Where she finds the hive of this machine.
  if (/^hive\.(?:host|port|api_key_file)$/.test(setting)) return "restart";
  return "ignore";
};
