import type { HttpBindings } from "@hono/node-server";
import { errorStatus, errorToWire, RbeeError, sizes, timings } from "@rbee/contract";
import type { Route } from "@rbee/contract";
import { Hono } from "hono";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { keyFingerprint } from "@rbee/settings";
import { offeredKey, requireKey } from "./authenticate.ts";
import type { KeyRing } from "./authenticate.ts";
import type { Call, Caller, Handlers, RouteTable } from "./call.ts";
import { correlationHeader, correlationId } from "./correlation.ts";
import type { Logger } from "./create-logger.ts";
import { parseDeadline, startDeadline } from "./deadline.ts";
import type { Metrics, MetricsAccess } from "./metrics.ts";
import { buildOpenApi } from "./open-api.ts";
import { parseInput } from "./parse-input.ts";
import { createFailureLimit } from "./rate-limit.ts";
import { readText } from "./read-text.ts";
import { requireOwnSite } from "./require-own-site.ts";
import { sseResponse } from "./sse-response.ts";

export interface AppOptions<Routes extends RouteTable> {
  readonly program: string;
  readonly version: string;
  readonly routes: Routes;
  readonly handlers: Handlers<Routes>;
  /** The key that clients must show now; undefined when none is needed. */
  readonly currentKey: () => string | undefined;
  /** Keys that are accepted beside it; while there are any, a key is needed. */
  readonly keyRing?: KeyRing | undefined;
  /** Further keys that one operation accepts besides it. */
  readonly otherKeys?: (route: string) => readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Who may read `/metrics` now; everybody by default. */
  readonly metricsAccess?: () => MetricsAccess;
  /** Lines of `/metrics` that others count, in whole families of their own. */
  readonly foreignMetrics?: () => Promise<string>;
  readonly bodyMaxBytes?: number;
  /** Keep-alive of this program's streams; `keepAliveMs` of the contract by default. */
  readonly keepAliveMs?: (route: string) => number;
}

interface Bindings {
  Bindings: Partial<HttpBindings>;
  Variables: { correlationId: string };
}
export type App = Hono<Bindings>;

/** The HTTP side of a program: its routes with keys, limits, correlation, errors and documents. */
export function createApp<Routes extends RouteTable>(options: AppOptions<Routes>): App {
  const app: App = new Hono<Bindings>();
  const answerError = (context: Context<Bindings>, error: unknown) =>
    errorResponse(context, error, options);

  app.use(async (context, next) => {
    const id = correlationId(context.req.header(correlationHeader));
    context.set("correlationId", id);
    context.header(correlationHeader, id);
    await next();
  });
  app.onError((error, context) => answerError(context, error));
  app.notFound((context) =>
    answerError(context, new RbeeError("NOT_FOUND", { method: context.req.method })),
  );
  mountDocuments(app, options);
  mountRoutes(app, options);
  return app;
}

function mountDocuments<Routes extends RouteTable>(app: App, options: AppOptions<Routes>): void {
  const { program, version, metrics, handlers } = options;
  const mounted = Object.entries(options.routes).filter(([name]) => handlers[name] !== undefined);
  let document: object | undefined;
  app.get("/openapi.json", (context) => {
    document ??= buildOpenApi({ program, version, routes: Object.fromEntries(mounted) });
    return context.json(document);
  });
  app.get("/metrics", async (context) => {
    const access = options.metricsAccess?.() ?? "public";
    if (access === "off") throw new RbeeError("NOT_FOUND", { method: context.req.method });
    if (access === "key") authenticate(context, "metrics", options);
    context.header("content-type", metrics.registry.contentType);
    const foreign = options.foreignMetrics?.();
    return context.body(`${await metrics.registry.metrics()}${(await foreign) ?? ""}`);
  });
}

function mountRoutes<Routes extends RouteTable>(app: App, options: AppOptions<Routes>): void {
  const limit = createFailureLimit();
  for (const [name, route] of Object.entries(options.routes)) {
    const handler = options.handlers[name] as ((call: Call<Route>) => unknown) | undefined;
    if (handler === undefined) continue;
    const respond = async (context: Context<Bindings>): Promise<Response> => {
      try {
        const client = clientAddress(context);
        const caller =
          route.needsKey === false ? addressCaller(client) : authenticate(context, name, options);
        limit.requireAllowed(client);
        const call = await openCall(context, { name, route, caller, options }).catch(
          (error: unknown) => {
            if (RbeeError.is(error, "INVALID_REQUEST")) limit.count(client);
            throw error;
          },
        );
        const result = await handler(call);
        if (result instanceof Response) return result;
        const status = route.status ?? 200;
        return result === undefined
          ? context.body(null, status as 204)
          : context.json(result, status as ContentfulStatusCode);
      } catch (error) {
        return errorResponse(context, error, options);
      }
    };
    const answer = async (context: Context<Bindings>): Promise<Response> => {
      const startedAt = performance.now();
      const response = await respond(context);
      const { requests, requestSeconds } = options.metrics;
      requestSeconds.observe({ route: name }, (performance.now() - startedAt) / 1000);
      requests.inc({ route: name, status: response.status });
      return response;
    };
    app.on(route.method.toUpperCase(), [...pathsOf(name, route)], answer);
  }
}

// Every daemon answers both health paths, whichever its table names.
function pathsOf(name: string, route: Route): string[] {
  return name === "health" ? ["/health", "/v1/health"] : [route.path];
}

function authenticate<Routes extends RouteTable>(
  context: Context<Bindings>,
  name: string,
  options: AppOptions<Routes>,
): Caller {
  const { program, keyRing, logger } = options;
  const client = clientAddress(context);
  const key = options.currentKey();
  if (key === undefined && (keyRing === undefined || keyRing.isEmpty())) {
    const host = context.req.header("host");
    requireOwnSite(program, { host, origin: context.req.header("origin") });
    return addressCaller(client);
  }
  const keys = [...(key === undefined ? [] : [key]), ...(options.otherKeys?.(name) ?? [])];
  const authorization = context.req.header("authorization") ?? null;
  try {
    return requireKey({ program, keys, keyRing }, authorization);
  } catch (error) {
    const offered = offeredKey(authorization);
    if (offered !== undefined) {
      const fingerprint = keyFingerprint(offered);
      logger.warn({ client, fingerprint, route: name }, "a key was refused");
    }
    throw error;
  }
}

function clientAddress(context: Context<Bindings>): string {
  return context.env?.incoming?.socket.remoteAddress ?? "in-process";
}

// Where nobody needs a key, an address is all that tells callers apart.
function addressCaller(address: string): Caller {
  return { id: address, name: address, scope: "operate", models: undefined };
}

interface CallInput<Routes extends RouteTable> {
  readonly name: string;
  readonly route: Route;
  readonly caller: Caller;
  readonly options: AppOptions<Routes>;
}

async function openCall<Routes extends RouteTable>(
  context: Context<Bindings>,
  { name, route, caller, options }: CallInput<Routes>,
): Promise<Call<Route>> {
  const id = context.get("correlationId");
  const deadline = parseDeadline(context.req.raw.headers);
  const query = parseInput(route.query, context.req.query());
  const body =
    route.body === undefined
      ? undefined
      : parseInput(route.body, await readJson(context, route.bodyMaxBytes ?? options.bodyMaxBytes));
  const signal = clientSignal(context, deadline);
  signal.throwIfAborted();
  return {
    params: context.req.param() as Record<string, string>,
    query: query as never,
    body: body as never,
    correlationId: id,
    client: clientAddress(context),
    caller,
    traceparent: context.req.header("traceparent"),
    wantsEvents: context.req.header("accept")?.includes("text/event-stream") ?? false,
    deadline,
    signal,
    stream: (produce, { headers = {} } = {}) =>
      sseResponse(
        {
          correlationId: id,
          keepAliveMs: options.keepAliveMs?.(name) ?? timings.keepAliveMs,
          endless: route.endless ?? false,
          headers,
          signal,
          outgoing: context.env?.outgoing,
          onFailure: (error) => logFailure(options.logger, id, error),
        },
        produce,
      ),
  };
}

async function readJson(
  context: Context<Bindings>,
  bodyMaxBytes: number = sizes.bodyMaxBytes,
): Promise<unknown> {
  const text = await readText(context.req, bodyMaxBytes);
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    const errors = [{ field: "", constraint: "json", message: "is not valid JSON" }];
    throw new RbeeError("INVALID_REQUEST", { errors }, { cause: error });
  }
}

// With a socket the response's own `close` tells; in one process only the request's signal does.
function clientSignal(context: Context<Bindings>, deadline: Date | undefined): AbortSignal {
  const signals = [context.req.raw.signal];
  const outgoing = context.env?.outgoing;
  if (outgoing !== undefined) {
    const gone = new AbortController();
    outgoing.once("close", () => {
      if (!outgoing.writableFinished) gone.abort(new RbeeError("REQUEST_CANCELED", {}));
    });
    signals.splice(0, 1, gone.signal);
  }
  if (deadline !== undefined) {
    const clock = startDeadline(deadline);
    outgoing?.once("close", clock.stop);
    signals.push(clock.signal);
  }
  return AbortSignal.any(signals);
}

function errorResponse<Routes extends RouteTable>(
  context: Context<Bindings>,
  error: unknown,
  { logger }: Pick<AppOptions<Routes>, "logger">,
): Response {
  const id = context.get("correlationId");
  logFailure(logger, id, error);
  const status = errorStatus(error);
  context.header(correlationHeader, id);
  if (status === 401) context.header("www-authenticate", "Bearer");
  const retryAfter = retryAfterSeconds(error);
  if (retryAfter !== undefined) context.header("retry-after", String(retryAfter));
  return context.json({ error: errorToWire(error, id) }, status as ContentfulStatusCode);
}

function retryAfterSeconds(error: unknown): number | undefined {
  if (RbeeError.is(error, "RATE_LIMITED")) return 1;
  if (!RbeeError.is(error)) return undefined;
  const { retry_after_seconds: seconds } = error.details as { retry_after_seconds?: number };
  return seconds;
}

function logFailure(logger: Logger, correlation: string, error: unknown): void {
  const figures = { correlation_id: correlation, error };
  if (!RbeeError.is(error)) logger.error(figures, "request failed inside");
  else if (RbeeError.is(error, "REQUEST_CANCELED")) logger.debug(figures, "request cancelled");
  else logger.info({ correlation_id: correlation, code: error.code }, error.message);
}
