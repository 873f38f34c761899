export type TransportFailure = "refused" | "unresolved" | "timeout" | "reset" | "not-rbee";

/**
 * No answer of ours came back: the connection failed, or something else answered. What that means
 * (queen unreachable, hive silent) is for the caller to say.
 */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly failure: TransportFailure;
  /** The HTTP status, when something answered that is not rbee. */
  readonly status: number | undefined;

  constructor(failure: TransportFailure, message: string, details: TransportDetails = {}) {
    super(message, { cause: details.cause });
    this.failure = failure;
    this.status = details.status;
  }
}

interface TransportDetails {
  readonly cause?: unknown;
  readonly status?: number;
}

const failures: Readonly<Record<string, TransportFailure>> = {
  ECONNREFUSED: "refused",
  ENOTFOUND: "unresolved",
  EAI_AGAIN: "unresolved",
  ETIMEDOUT: "timeout",
  EHOSTUNREACH: "timeout",
  ENETUNREACH: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
};

const sentences: Readonly<Record<TransportFailure, string>> = {
  refused: "connection refused",
  unresolved: "the host name does not resolve",
  timeout: "no answer in time",
  reset: "the connection broke",
  "not-rbee": "something else answers there",
};

/** Names the failure behind what `fetch` threw. */
export function transportErrorFrom(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const failure = failures[deepestCode(error) ?? ""] ?? "reset";
  return new TransportError(failure, sentences[failure], { cause: error });
}

function deepestCode(error: unknown): string | undefined {
  for (let current = error; typeof current === "object" && current !== null;) {
    const { code, cause, errors } = current as {
      code?: string;
      cause?: unknown;
      errors?: unknown[];
    };
    if (typeof code === "string") return code;
    current = cause ?? errors?.[0];
  }
  return undefined;
}
