import { existsSync } from "node:fs";
import type { HiveHealth } from "@rbee/contract";
import { createHiveClient } from "@rbee/sdk";
import type { HiveClient } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import { readSecretFile } from "@rbee/settings";
import type { RbeePaths, Settings } from "@rbee/settings";

/** The hive of this node as a program on it calls it. */
export interface HiveAddress {
  readonly url: string;
  readonly client: HiveClient;
}

/** A hive that listens everywhere is asked on the loopback address. */
export function findHiveAddress(settings: Settings, paths: RbeePaths): HiveAddress {
  const { hiveKey } = paths;
  const key = existsSync(hiveKey) ? readSecretFile(hiveKey) : undefined;
  const url = hiveUrl(settings.hive);
  return { url, client: createHiveClient({ baseUrl: url, key: () => key, fetch: nodeFetch }) };
}

// Health needs no key, so this works whatever the key file holds.
export async function findRunningHive(
  { hive }: Settings,
  timeoutMs: number,
): Promise<HiveHealth | undefined> {
  const client = createHiveClient({ baseUrl: hiveUrl(hive), fetch: nodeFetch });
  return await client.call("health", { timeoutMs }).catch(() => undefined);
}

function hiveUrl({ host, port }: Settings["hive"]): string {
  if (host === "0.0.0.0") return `http://127.0.0.1:${port}`;
  if (host === "::") return `http://[::1]:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
