import { closeSync, mkdirSync, rmSync, writeFileSync, writeSync } from "node:fs";
import type { Server } from "node:http";
import { dirname } from "node:path";
import { RbeeError } from "@rbee/contract";
import { isLoopback } from "./authenticate.ts";
import type { App } from "./create-app.ts";
import type { Logger } from "./create-logger.ts";
import { createServer } from "./create-server.ts";
import { watchLifeline } from "./lifeline.ts";

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

export interface DaemonOptions {
  readonly program: string;
  readonly app: App;
  readonly host: string;
  readonly port: number;
  readonly hasKey: boolean;
  readonly logger: Logger;
  /** Where the process id is kept while this runs. */
  readonly pidFile?: string;
  /** Descriptor that is told, by one line of JSON, that the server listens. */
  readonly readyDescriptor?: number | undefined;
  /** Descriptor whose end means that whoever owns this process is gone. */
  readonly lifelineDescriptor?: number | undefined;
  readonly onListening?: (address: ListenAddress) => Promise<void> | void;
  /** SIGHUP. */
  readonly onReload?: () => void;
  /** Stops everything that this program started. The signal aborts when a second Ctrl+C comes. */
  readonly stop: (cause: StopCause, signal: AbortSignal) => Promise<void>;
  /** After so long the process ends however far `stop` has come. */
  readonly stopTimeoutMs: number;
  /** Writes out the last lines of the log. */
  readonly flush: () => Promise<void>;
}

export type StopCause = "SIGTERM" | "SIGINT" | "request" | "owner-gone";

export interface Daemon {
  readonly address: ListenAddress;
  /** Begins the stop, as a signal would; the process ends when it is done. */
  readonly requestStop: (cause: StopCause) => void;
}

/** The address as a program on the same machine calls it: "everywhere" is no address to call. */
export function localUrl({ host, port, url }: ListenAddress): string {
  if (host === "0.0.0.0") return `http://127.0.0.1:${port}`;
  return host === "::" ? `http://[::1]:${port}` : url;
}

/**
 * Listens, tells that it does, and stays until something stops it; then drains, stops and ends the
 * process with 0 (1 when the stop took too long). Throws PORT_IN_USE or INSECURE_BIND.
 */
export async function runDaemon(options: DaemonOptions): Promise<Daemon> {
  const { program, host, port, hasKey, logger } = options;
  if (!isLoopback(host) && !hasKey) throw new RbeeError("INSECURE_BIND", { program, host });
  process.title = program;
  // Before anything is waited for: the system's answer to this signal would be the end.
  process.on("SIGHUP", () => options.onReload?.());
  const server = createServer(options.app);
  const address = await listen(server, { program, host, port });
  if (options.pidFile !== undefined) writePidFile(options.pidFile);
  const requestStop = createStop(options, server);
  process.on("uncaughtException", (error) => {
    logger.fatal({ error }, "ended by an error that nobody caught");
    process.stderr.write(`${program}: ${error.stack ?? error.message}\n`);
    void options.flush().finally(() => process.exit(1));
  });
  if (options.lifelineDescriptor !== undefined) {
    watchLifeline(options.lifelineDescriptor, () => requestStop("owner-gone"));
  }
  await options.onListening?.(address);
  if (options.readyDescriptor !== undefined) tellReady(options.readyDescriptor, address);
  logger.info({ url: address.url }, `${program} listens`);
  return { address, requestStop };
}

interface ListenInput {
  readonly program: string;
  readonly host: string;
  readonly port: number;
}

async function listen(
  server: Server,
  { program, host, port }: ListenInput,
): Promise<ListenAddress> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") reject(error);
      else reject(new RbeeError("PORT_IN_USE", { program, host, port }, { cause: error }));
    });
    server.listen(port, host, () => resolve());
  });
  const bound = server.address();
  const actual = typeof bound === "object" && bound !== null ? bound.port : port;
  const urlHost = host.includes(":") ? `[${host}]` : host;
  return { host, port: actual, url: `http://${urlHost}:${actual}` };
}

function writePidFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${process.pid}\n`, { mode: 0o600 });
}

function tellReady(descriptor: number, address: ListenAddress): void {
  try {
    writeSync(descriptor, `${JSON.stringify({ url: address.url, pid: process.pid })}\n`);
    closeSync(descriptor);
  } catch {
    // Whoever wanted to know is gone; the health route tells everybody else.
  }
}

function createStop(options: DaemonOptions, server: Server): (cause: StopCause) => void {
  const { logger } = options;
  const impatience = new AbortController();
  let isStopping = false;

  const end = async (code: number) => {
    if (options.pidFile !== undefined) rmSync(options.pidFile, { force: true });
    await options.flush();
    process.exit(code);
  };
  const stop = async (cause: StopCause) => {
    logger.info({ cause }, `${options.program} stops`);
    const deadline = setTimeout(() => {
      logger.error({ limit_ms: options.stopTimeoutMs }, "the stop took too long");
      void end(1);
    }, options.stopTimeoutMs);
    try {
      await options.stop(cause, impatience.signal);
      server.close();
      server.closeIdleConnections();
      server.closeAllConnections();
      clearTimeout(deadline);
      await end(0);
    } catch (error) {
      logger.error({ error }, "the stop failed");
      await end(1);
    }
  };
  const requestStop = (cause: StopCause) => {
    if (isStopping) {
      if (cause === "SIGINT") impatience.abort();
      return;
    }
    isStopping = true;
    void stop(cause);
  };
  process.on("SIGTERM", () => requestStop("SIGTERM"));
  process.on("SIGINT", () => requestStop("SIGINT"));
  return requestStop;
}
