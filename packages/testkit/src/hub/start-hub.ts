import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerCdn } from "./answer-cdn.ts";
import { answerHub } from "./answer-hub.ts";
import { HubCounters } from "./hub-counters.ts";
import { HubFaults } from "./hub-faults.ts";
import { createHubRepository } from "./hub-repository.ts";
import type { HubRepository, HubRepositoryInput } from "./hub-repository.ts";
import type { HubWorld } from "./hub-world.ts";

export interface HubOptions {
  /** The address to listen on: 0.0.0.0 for all of this machine; 127.0.0.1 by default. */
  readonly host?: string;
  readonly port?: number;
  readonly cdnPort?: number;
  readonly pageSize?: number;
  /** Tokens that belong to somebody without any right. */
  readonly otherTokens?: readonly string[];
}

/** A hub for models that behaves as the real one does, with its CDN, and breaks where it is told. */
export interface Hub extends AsyncDisposable {
  readonly url: string;
  readonly cdnUrl: string;
  readonly faults: HubFaults;
  readonly counters: HubCounters;
  /** Publishes a repository, or another commit of it. */
  readonly publish: (repository: HubRepositoryInput) => Promise<HubRepository>;
  readonly close: () => Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const pageSizeDefault = 1000;

export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const { host = "127.0.0.1", port = 0, cdnPort = 0, pageSize = pageSizeDefault } = options;
  const world: HubWorld = {
    repositories: new Map<string, HubRepository>(),
    faults: new HubFaults(),
    counters: new HubCounters(),
    pageSize,
    otherTokens: options.otherTokens ?? [],
    cdnPort: () => (cdn.address() as AddressInfo).port,
  };
  const hub = createServer(guard((request, response) => answerHub(world, request, response)));
  const cdn: Server = createServer(
    guard((request, response) => answerCdn(world, request, response)),
  );
  await listen(hub, host, port);
  await listen(cdn, host, cdnPort);
  const close = async () => {
    await Promise.all([endServer(hub), endServer(cdn)]);
  };
  return {
    url: urlOf(hub),
    cdnUrl: urlOf(cdn),
    faults: world.faults,
    counters: world.counters,
    async publish(input) {
      const repository = await createHubRepository(input);
      world.repositories.set(repository.name, repository);
      return repository;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

// A reader that goes away is no failure of the hub.
function guard(answer: Answer): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.destroyed) return;
      process.stderr.write(`hub: ${String(error)}\n`);
      response.destroy();
    });
  };
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}

async function endServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
