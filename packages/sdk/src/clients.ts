import { hiveRoutes, queenRoutes, workerRoutes } from "@rbee/contract";
import { createClient } from "./create-client.ts";
import type { Client, ClientOptions } from "./create-client.ts";

type Address = Omit<ClientOptions, "program">;

export type QueenClient = Client<typeof queenRoutes>;
export type HiveClient = Client<typeof hiveRoutes>;
export type WorkerClient = Client<typeof workerRoutes>;

export function createQueenClient(address: Address): QueenClient {
  return createClient(queenRoutes, { ...address, program: "queen-rbee" });
}

export function createHiveClient(address: Address): HiveClient {
  return createClient(hiveRoutes, { ...address, program: "rbee-hive" });
}

export function createWorkerClient(address: Address): WorkerClient {
  return createClient(workerRoutes, { ...address, program: "llm-worker-rbee" });
}
