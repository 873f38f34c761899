import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import type { App } from "./create-app.ts";

/** The HTTP server of an app, not listening yet. */
export function createServer(app: App): Server {
  const server = createAdaptorServer({
    fetch: app.fetch,
    // The adapter's own Response class forgets that a stream was written directly.
    overrideGlobalObjects: false,
  }) as Server;
  // Cold starts and long answers are ours to limit, not the socket's.
  server.requestTimeout = 0;
  return server;
}
