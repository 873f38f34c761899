import { commonErrors, ErrorEnvelope, errorEntry } from "@rbee/contract";
import type { ErrorCode, Route } from "@rbee/contract";
import { z } from "zod";
import type { RouteTable } from "./call.ts";

interface OpenApiOptions {
  readonly program: string;
  readonly version: string;
  readonly routes: RouteTable;
}

/** The OpenAPI 3.1 document of a table of routes. */
export function buildOpenApi({ program, version, routes }: OpenApiOptions): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[route.method] = operation(name, route);
  }
  return {
    openapi: "3.1.0",
    info: { title: program, version, license: { name: "Apache-2.0" } },
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
      schemas: { Error: schema(ErrorEnvelope) },
    },
    paths,
  };
}

function operation(name: string, route: Route): object {
  return {
    operationId: name,
    summary: route.summary,
    security: route.needsKey === false ? [] : [{ key: [] }],
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...(route.body === undefined
      ? {}
      : { requestBody: { content: { "application/json": { schema: schema(route.body) } } } }),
    responses: { ...success(route), ...failures(route) },
  };
}

function pathParameters(route: Route): object[] {
  return [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(route: Route): object[] {
  if (route.query === undefined) return [];
  const { properties = {} } = schema(route.query) as { properties?: Record<string, object> };
  return Object.entries(properties).map(([name, shape]) => ({ name, in: "query", schema: shape }));
}

function success(route: Route): Record<string, object> {
  const content = {
    ...(route.answer === undefined ? {} : { "application/json": { schema: schema(route.answer) } }),
    ...(route.events === undefined
      ? {}
      : { "text/event-stream": { schema: schema(route.events) } }),
  };
  const description = route.events === undefined ? "Success" : "Events; each data line is JSON";
  return {
    [String(route.status ?? 200)]: {
      description,
      ...(Object.keys(content).length > 0 ? { content } : {}),
    },
  };
}

function failures(route: Route): Record<string, object> {
  const codesByStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([...commonErrors, ...route.errors])) {
    const { status } = errorEntry(code);
    codesByStatus.set(status, [...(codesByStatus.get(status) ?? []), code]);
  }
  const reference = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
  return Object.fromEntries(
    [...codesByStatus].map(([status, codes]) => [
      String(status),
      { description: codes.join(", "), content: reference },
    ]),
  );
}

function schema(type: z.ZodType): object {
  const { $schema: _schema, ...rest } = z.toJSONSchema(type, {
    io: "input",
    unrepresentable: "any",
  });
  return rest;
}
