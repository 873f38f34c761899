import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

/** What a page of another origin may read of an answer. */
const exposedHeaders = [
  "Retry-After",
  "WWW-Authenticate",
  "X-Correlation-Id",
  "X-Request-Id",
  "X-Rbee-Node",
  "X-Rbee-Worker",
  "X-Rbee-Queue-Position",
  "X-Rbee-Task-Id",
  "X-RateLimit-Limit-Requests",
  "X-RateLimit-Remaining-Requests",
  "X-RateLimit-Reset-Requests",
];

/**
 * Lets pages of these origins ask (CORS): their browsers hear so in the answers, and in the answer
 * to the question that they send ahead. Without origins nothing is said, and browsers keep pages of
 * other origins out.
 */
export function allowOrigins(origins: () => readonly string[]): MiddlewareHandler {
  const allow = cors({
    origin: (origin) => (isOriginAllowed(origin, origins()) ? origin : null),
    exposeHeaders: exposedHeaders,
    maxAge: 600,
  });
  return async (context, next) => {
    const origin = context.req.header("origin");
    if (origin === undefined || !isOriginAllowed(origin, origins())) return await next();
    return await allow(context, next);
  };
}

/** Whether an origin is among the allowed ones; `*` means every one. */
export function isOriginAllowed(origin: string, allowed: readonly string[]): boolean {
  return allowed.includes("*") || allowed.includes(origin);
}
