import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { sizes, timings } from "@rbee/contract";
import type { App } from "./create-app.ts";

/** The HTTP server of an app, not listening yet. */
export function createServer(app: App): Server {
  return createAdaptorServer({
    fetch: app.fetch,
    // The adapter's own Response class forgets that a stream was written directly.
    overrideGlobalObjects: false,
    serverOptions: {
      maxHeaderSize: sizes.requestHeadMaxBytes,
      // Who sends slowly does not hold a connection for ever. How long an answer takes is another
      // matter: cold starts and long answers are ours to limit.
      headersTimeout: timings.requestHeadMs,
      requestTimeout: timings.requestBodyMs,
      connectionsCheckingInterval: timings.requestCheckMs,
    },
  }) as Server;
}
