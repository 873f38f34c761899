import type { ReloadPolicy } from "@rbee/settings";

// Read once: sockets, folders and the limit of the whole program's stop.
const fixed = /^(?:hive\.(?:host|port|models_dir)|paths\..+|telemetry\..+|timeouts\.shutdown)$/;

/** What a running hive does with a setting that was changed. */
export const hiveReloadPolicy: ReloadPolicy = (setting) => {
  if (fixed.test(setting)) return "restart";
  return /^(?:hive|worker|timeouts|aliases)\./.test(setting) ? "follow" : "ignore";
};
