import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startConnectionWatch } from "./run-ssh.ts";

// A socket's path has 108 bytes (104 on a Mac), of which ssh itself wants 17 for a draft.
const folderMaxBytes = 72;

/** Where the control sockets of this process are; made when the first one is wanted. */
export function createSocketFolder(wanted: string) {
  let folder: string | undefined;
  let endWatch = () => {};
  const make = () => {
    const isUsable = Buffer.byteLength(wanted) <= folderMaxBytes && !/[%"\\]/.test(wanted);
    const parent = isUsable ? wanted : join(tmpdir(), "rbee-");
    if (isUsable) mkdirSync(wanted, { recursive: true, mode: 0o700 });
    const made = mkdtempSync(isUsable ? join(parent, "q-") : parent);
    endWatch = startConnectionWatch(made);
    return made;
  };
  return {
    /** A path that nothing uses. */
    newSocket: () => join((folder ??= make()), randomBytes(4).toString("hex")),
    close() {
      endWatch();
      folder = undefined;
    },
  };
}
