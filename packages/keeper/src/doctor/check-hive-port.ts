import { HiveHealth, timings } from "@rbee/contract";
import type { DoctorFinding } from "@rbee/contract";
import { transportErrorFrom } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import type { Configuration } from "../keeper.ts";

const check = "Hive";

/** Whether the port where this machine's hive is to listen is free, or has one. */
export async function checkHivePort({ settings }: Configuration): Promise<DoctorFinding> {
  const { host, port } = settings.hive;
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const url = `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
  try {
    const signal = AbortSignal.timeout(timings.directTryMs);
    const response = await nodeFetch(`${url}/v1/health`, { signal });
    const health = HiveHealth.safeParse(await response.json().catch(() => undefined));
    if (!health.success) return taken(url, `an HTTP server that is not rbee-hive`);
    const { version, pid } = health.data;
    const found = `rbee-hive v${version} answers at ${url} (process ${pid})`;
    return { check, status: "ok", found, advice: null };
  } catch (error) {
    const { failure } = transportErrorFrom(error);
    if (failure === "refused") {
      const found = `not running; ${url} is free and it is started when needed`;
      return { check, status: "ok", found, advice: null };
    }
    return taken(url, failure === "reset" ? "a program that does not speak HTTP" : "it is silent");
  }
}

function taken(url: string, what: string): DoctorFinding {
  const found = `another program listens at ${url}: ${what}`;
  const advice = "Choose another port: [hive] port in the configuration, or end that program.";
  return { check, status: "problem", found, advice };
}
