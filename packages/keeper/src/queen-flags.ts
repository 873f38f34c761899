import { ports } from "@rbee/contract";
import { integerFlag, textFlag } from "./flags.ts";
import type { Flag } from "./flags.ts";

export function queenPortFlag(summary: string): Flag<number | undefined> {
  return integerFlag(summary, { minimum: ports.listenMin, maximum: ports.listenMax });
}

/** Where a queen that is started is to be found. */
export const queenStartFlags = {
  port: queenPortFlag("listen there instead of the configured port"),
  host: textFlag("address", "listen on this address; 0.0.0.0 lets other machines in, with a key"),
};
