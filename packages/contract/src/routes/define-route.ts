import type { z } from "zod";
import type { KeyScope } from "../keys.ts";
import type { ErrorCode } from "../errors/error-catalogue.ts";

/** One operation over HTTP: the single source for handlers, clients, tests and OpenAPI. */
export interface Route {
  readonly method: "get" | "post" | "delete";
  /** With `:name` for parameters. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** False for what anybody may ask without a key. */
  readonly needsKey?: boolean;
  /**
   * What a key must be allowed to: `use` for asking models, `operate` (the default) for everything
   * that sees or changes the machines.
   */
  readonly scope?: KeyScope;
  /** Its body has the limit of chats, which may be configured, and not `sizes.bodyMaxBytes`. */
  readonly isChat?: boolean;
  /** The last parameter of the path takes the rest of it, slashes too. */
  readonly isPathOpen?: boolean;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** The schema of a JSON answer. */
  readonly answer?: z.ZodType;
  /** The schema of each event, when the answer is a stream. */
  readonly events?: z.ZodType;
  /** True for streams without a terminal event. */
  readonly endless?: boolean;
  /** The status of success; 200 unless it says otherwise. */
  readonly status?: number;
  /** Codes that this route answers with, besides those that every route may. */
  readonly errors: readonly ErrorCode[];
}

export function defineRoutes<const Routes extends Record<string, Route>>(routes: Routes): Routes {
  return routes;
}

/** Every route may answer with these; they are not repeated in the tables. */
export const commonErrors: readonly ErrorCode[] = [
  "MISSING_API_KEY",
  "INVALID_API_KEY",
  "KEY_EXPIRED",
  "KEY_REVOKED",
  "KEY_SCOPE_DENIED",
  "INVALID_REQUEST",
  "METHOD_NOT_ALLOWED",
  "UNSUPPORTED_MEDIA_TYPE",
  "PAYLOAD_TOO_LARGE",
  "RATE_LIMITED",
  "REQUEST_TIMEOUT",
  "SHUTTING_DOWN",
  "INTERNAL_ERROR",
];
