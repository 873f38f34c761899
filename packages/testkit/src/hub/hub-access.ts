import type { IncomingMessage, ServerResponse } from "node:http";
import type { HubRepository } from "./hub-repository.ts";

/** How the hub refuses: as the real one does, status, code and words. */
export interface HubRefusal {
  readonly status: number;
  readonly code?: string;
  readonly message: string;
}

const entryNotFound: HubRefusal = {
  status: 404,
  code: "EntryNotFound",
  message: "Entry not found",
};

const revisionNotFound = (name: string): HubRefusal => ({
  status: 404,
  code: "RevisionNotFound",
  message: `Invalid rev id: ${name}`,
});

export const refusals = { entryNotFound, revisionNotFound } as const;

export function readToken(request: IncomingMessage): string | undefined {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
}

interface Asking {
  readonly repository: HubRepository | undefined;
  readonly token: string | undefined;
  /** Tokens that belong to somebody. */
  readonly knownTokens: ReadonlySet<string>;
  /** Facts and lists of gated models are for all; their bytes are not. */
  readonly wantsContent: boolean;
}

/**
 * Why somebody may not have a thing; undefined when they may. Without a token, what is private and
 * what is missing look the same, as on the real hub.
 */
export function findRefusal(asking: Asking): HubRefusal | undefined {
  const { repository, token, knownTokens, wantsContent } = asking;
  if (token !== undefined && !knownTokens.has(token)) {
    return { status: 401, message: "Invalid credentials in Authorization header" };
  }
  const mayRead = token !== undefined && repository?.tokens.includes(token) === true;
  if (repository === undefined || (repository.access === "private" && !mayRead)) {
    return token === undefined
      ? { status: 401, message: "Invalid username or password." }
      : { status: 404, code: "RepoNotFound", message: "Repository not found" };
  }
  if (repository.access !== "gated" || mayRead || !wantsContent) return undefined;
  const { name } = repository;
  return token === undefined
    ? {
        status: 401,
        code: "GatedRepo",
        message:
          `Access to model ${name} is restricted. You must have access to it and be ` +
          "authenticated to access it. Please log in.",
      }
    : {
        status: 403,
        code: "GatedRepo",
        message:
          `Access to model ${name} is restricted and you are not in the authorized list. ` +
          `Visit the page of ${name} to ask for access.`,
      };
}

export function refuse(response: ServerResponse, refusal: HubRefusal): number {
  const { status, code, message } = refusal;
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "x-error-message": message,
    ...(code === undefined ? {} : { "x-error-code": code }),
    ...(status === 401 ? { "www-authenticate": 'Bearer realm="Authentication required"' } : {}),
  });
  response.end(JSON.stringify({ error: message }));
  return status;
}
