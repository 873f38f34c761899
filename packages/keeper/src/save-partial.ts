import { closeSync, openSync, writeSync } from "node:fs";

// The place that the documentation names; the name cannot be guessed before the task exists.
const directory = "/tmp";

/**
 * Keeps the text of an answer that broke off. Undefined when there is nothing to keep or no place
 * for it. The file is new and only its owner can read it; nothing that was there is followed.
 */
export function savePartial(taskId: string, text: string): string | undefined {
  if (text === "") return undefined;
  const path = `${directory}/rbee-partial-${taskId}.txt`;
  try {
    const descriptor = openSync(path, "wx", 0o600);
    try {
      writeSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
    return path;
  } catch {
    return undefined;
  }
}
