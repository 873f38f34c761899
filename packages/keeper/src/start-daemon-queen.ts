import { ensureQueen } from "./ensure-queen.ts";
import type { Keeper } from "./keeper.ts";
import { printResult } from "./output/print.ts";
import { isLoopbackHost, isLoopbackUrl, urlOfHost, withPort } from "./queen-url.ts";

export interface QueenPlace {
  readonly port: number | undefined;
  readonly host: string | undefined;
}

/** Where a queen that listens there is found from this machine. */
export function urlOfPlace(keeper: Keeper, { port, host }: QueenPlace): string {
  const { queenUrl } = keeper.configuration();
  const url = port === undefined ? queenUrl : withPort(queenUrl, port);
  const isEverywhere = host === "0.0.0.0" || host === "::";
  if (host === undefined || (isEverywhere && isLoopbackUrl(url))) return url;
  return isEverywhere ? url : urlOfHost(url, host);
}

/** Starts a queen that stays, unless one runs there; says where she is. */
export async function startDaemonQueen(keeper: Keeper, place: QueenPlace): Promise<void> {
  const { host } = place;
  const url = urlOfPlace(keeper, place);
  const { health, wasStarted } = await ensureQueen(keeper, { url, isEphemeral: false, host });
  const result = { url, started: wasStarted, pid: health.pid, version: health.version };
  await printResult(keeper, result, () => [
    wasStarted
      ? `queen-rbee v${health.version} runs at ${url} (process ${health.pid}).`
      : `queen-rbee v${health.version} ran already at ${url} (process ${health.pid}).`,
  ]);
  if (url !== keeper.configuration().queenUrl) {
    keeper.story.tell(`Talk to it with: rbee-keeper --queen ${url} ...`);
  }
  if (host === undefined) return;
  if (!wasStarted) keeper.story.tell("To move it: rbee-keeper queen restart --host ...");
  else if (!isLoopbackHost(host)) {
    keeper.story.tell("Other machines need a key: rbee-keeper keys create --name <name>");
  }
}
