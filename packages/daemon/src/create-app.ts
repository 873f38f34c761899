import type { HttpBindings } from "@hono/node-server";
import { errorStatus, errorToWire, framesHeaders, RbeeError, timings } from "@rbee/contract";
import type { Route } from "@rbee/contract";
import { Hono } from "hono";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { addressCaller, admitRequest, requireScope } from "./admit-request.ts";
import type { Doors, RequestHead } from "./admit-request.ts";
import { allowOrigins } from "./allow-origins.ts";
import type { KeyAccess } from "./authenticate.ts";
import type { Call, Handlers, RouteTable } from "./call.ts";
import { createMethodFinder } from "./create-method-finder.ts";
import { clientSignal } from "./client-signal.ts";
import { correlationHeader, correlationId } from "./correlation.ts";
import type { Logger } from "./create-logger.ts";
import { parseDeadline } from "./deadline.ts";
import type { Metrics, MetricsAccess } from "./metrics.ts";
import { informClient } from "./inform-client.ts";
import type { FrameHub } from "./frame-hub.ts";
import { buildOpenApi } from "./open-api.ts";
import { parseInput } from "./parse-input.ts";
import { bodyLimitOf } from "./body-limit.ts";
import type { BodyLimits } from "./body-limit.ts";
import { readJson } from "./read-json.ts";
import { requireDecodable } from "./require-decodable.ts";
import { rateHeaders, requireRate, retryHeaders } from "./rate-headers.ts";
import { createFailureLimit } from "./rate-limit.ts";
import { parseTraceparent } from "@rbee/telemetry";
import { sseResponse } from "./sse-response.ts";

export interface AppOptions<Routes extends RouteTable> extends Doors, BodyLimits {
  readonly version: string;
  readonly routes: Routes;
  readonly handlers: Handlers<Routes>;
  readonly metrics: Metrics;
  /** Who may read `/metrics` now; everybody by default. */
  readonly metricsAccess?: () => MetricsAccess;
  /** Lines of `/metrics` that others count, in whole families of their own. */
  readonly foreignMetrics?: () => Promise<string>;
  /** Connections that the streams of this program may share. */
  readonly frames?: FrameHub;
  /** Keep-alive of this program's streams; `keepAliveMs` of the contract by default. */
  readonly keepAliveMs?: (route: string) => number;
}

interface Bindings {
  Bindings: Partial<HttpBindings>;
  Variables: { correlationId: string; rateHeaders?: Readonly<Record<string, string>> };
}
export type App = Hono<Bindings>;

/** The HTTP side of a program: its routes with keys, limits, correlation, errors and documents. */
export function createApp<Routes extends RouteTable>(options: AppOptions<Routes>): App {
  // With a slash at its end a path is the same path.
  const app: App = new Hono<Bindings>({ strict: false });
  const answerError = (context: Context<Bindings>, error: unknown) =>
    errorResponse(context, error, options);

  app.use(async (context, next) => {
    const id = correlationId(context.req.header(correlationHeader));
    context.set("correlationId", id);
    context.header(correlationHeader, id);
    await next();
  });
  if (options.allowedOrigins !== undefined) app.use(allowOrigins(options.allowedOrigins));
  app.onError((error, context) => answerError(context, error));
  const findMethods = createMethodFinder(placesOf(options));
  app.notFound((context) => {
    const { method, path } = context.req;
    const allowed = findMethods(path);
    if (allowed.length === 0) return answerError(context, new RbeeError("NOT_FOUND", { method }));
    context.header("allow", allowed.join(", "));
    if (method === "OPTIONS") return context.body(null, 204);
    return answerError(
      context,
      new RbeeError("METHOD_NOT_ALLOWED", { method, allowed: [...allowed] }),
    );
  });
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
    if (access === "key") {
      requireScope(admitRequest(headOf(context, "metrics"), options).caller);
    }
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
        const access = admit(context, { name, route, options });
        const client = `${clientAddress(context)} ${access.caller.id}`;
        // Whether a program lives is told to everybody, whatever else they got wrong.
        if (route.needsKey !== false) limit.requireAllowed(client);
        const call = await openCall(context, { name, route, access, options }).catch(
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

/** Who asks, what for, and whether not too often: everything that is said before the body is read. */
function admit<Routes extends RouteTable>(
  context: Context<Bindings>,
  { name, route, options }: Omit<CallInput<Routes>, "access">,
): KeyAccess {
  const head = headOf(context, name);
  if (route.needsKey === false) return { caller: addressCaller(head.client) };
  const access = admitRequest(head, options);
  requireScope(access.caller, route.scope);
  // What only looks, or takes back, is not what a rate is for.
  const standing = route.method === "post" ? access.countRequest?.() : undefined;
  if (standing === undefined) return access;
  const headers = rateHeaders(standing);
  context.set("rateHeaders", headers);
  for (const [header, value] of Object.entries(headers)) context.header(header, value);
  requireRate(standing);
  return access;
}

// What is mounted, besides pages for browsers.
function placesOf<Routes extends RouteTable>({ routes, handlers }: AppOptions<Routes>) {
  const documents = ["/openapi.json", "/metrics"].map((path) => ({ method: "get" as const, path }));
  const mounted = Object.entries(routes).filter(([name]) => handlers[name] !== undefined);
  const places = mounted.flatMap(([name, route]) =>
    pathsOf(name, route).map((path) => ({ method: route.method, path })),
  );
  return [...documents, ...places];
}

// Every daemon answers both health paths, whichever its table names.
function pathsOf(name: string, route: Route): string[] {
  if (name === "health") return ["/health", "/v1/health"];
  return [route.isPathOpen === true ? `${route.path}{.+}` : route.path];
}

function headOf(context: Context<Bindings>, route: string): RequestHead {
  return {
    route,
    client: clientAddress(context),
    authorization: context.req.header("authorization") ?? null,
    host: context.req.header("host"),
    origin: context.req.header("origin"),
  };
}

function clientAddress(context: Context<Bindings>): string {
  return context.env?.incoming?.socket.remoteAddress ?? "in-process";
}

interface CallInput<Routes extends RouteTable> {
  readonly name: string;
  readonly route: Route;
  readonly access: KeyAccess;
  readonly options: AppOptions<Routes>;
}

async function openCall<Routes extends RouteTable>(
  context: Context<Bindings>,
  { name, route, access, options }: CallInput<Routes>,
): Promise<Call<Route>> {
  const id = context.get("correlationId");
  requireDecodable(context.req.url);
  const deadline = parseDeadline(context.req.raw.headers);
  const query = parseInput(route.query, context.req.query());
  const body =
    route.body === undefined
      ? undefined
      : parseInput(route.body, await readJson(context.req, bodyLimitOf(route, options)));
  const signal = clientSignal({
    request: context.req.raw.signal,
    outgoing: context.env?.outgoing,
    deadline,
    watchEnd: access.watchEnd,
  });
  signal.throwIfAborted();
  return {
    params: context.req.param() as Record<string, string>,
    query: query as never,
    body: body as never,
    correlationId: id,
    client: clientAddress(context),
    caller: access.caller,
    traceparent: traceparentOf(context.req.header("traceparent")),
    wantsEvents: context.req.header("accept")?.includes("text/event-stream") ?? false,
    deadline,
    signal,
    setHeader: (header, value) => context.header(header, value),
    inform: (headers) => informClient(context.env?.outgoing, headers),
    shareConnection: (connection) => shareConnection(context, options.frames, connection),
    stream: (produce, { headers = {} } = {}) =>
      sseResponse(
        {
          channel: findChannel(context, options.frames),
          correlationId: id,
          keepAliveMs: options.keepAliveMs?.(name) ?? timings.keepAliveMs,
          endless: route.endless ?? false,
          headers: { ...Object.fromEntries(context.res.headers), ...headers },
          signal,
          outgoing: context.env?.outgoing,
          onFailure: (error) => logFailure(options.logger, id, error),
        },
        produce,
      ),
  };
}

function shareConnection(
  context: Context<Bindings>,
  frames: FrameHub | undefined,
  connection: string,
): Response {
  const outgoing = context.env?.outgoing;
  if (frames !== undefined && outgoing !== undefined) return frames.open(connection, outgoing);
  throw new RbeeError("NOT_FOUND", { method: context.req.method });
}

function findChannel(context: Context<Bindings>, frames: FrameHub | undefined) {
  const connection = context.req.header(framesHeaders.connection);
  if (connection === undefined) return undefined;
  return frames?.findChannel(connection, Number(context.req.header(framesHeaders.channel)));
}

// What is no trace context is not handed on: whoever makes spans begins a new trace.
function traceparentOf(header: string | undefined): string | undefined {
  return parseTraceparent(header) === undefined ? undefined : header;
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
  for (const [header, value] of Object.entries(retryHeaders(error))) context.header(header, value);
  return context.json({ error: errorToWire(error, id) }, status as ContentfulStatusCode);
}

function logFailure(logger: Logger, correlation: string, error: unknown): void {
  const figures = { correlation_id: correlation, error };
  if (!RbeeError.is(error)) logger.error(figures, "request failed inside");
  else if (RbeeError.is(error, "REQUEST_CANCELED")) logger.debug(figures, "request cancelled");
  else logger.info({ correlation_id: correlation, code: error.code }, error.message);
}
