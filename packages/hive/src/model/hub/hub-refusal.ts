import { RbeeError } from "@rbee/contract";
import type { ErrorDetails } from "@rbee/contract";

interface HubAnswer {
  readonly status: number;
  /** The hub's own code: `GatedRepo`, `RepoNotFound`, `EntryNotFound`. */
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** False for what is in front of the hub, such as its CDN. */
  readonly isHub: boolean;
}

// What the hub knows best; everything else may be better a moment later: the CDN refuses a signed
// address that has run out, and the next one is there for the asking.
const finalStatuses: ReadonlySet<number> = new Set([401, 403, 404, 410, 451]);

/** The hub answered, and not with what was asked for. */
export class HubRefusal extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** Asking again would bring the same answer. */
  readonly isFinal: boolean;

  constructor({ status, code, retryAfterMs, isHub }: HubAnswer) {
    super(`the hub answered ${status}${code === undefined ? "" : ` (${code})`}`);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.isFinal = isHub && finalStatuses.has(status);
  }
}

interface Asked {
  readonly model: string;
  readonly node: string;
  readonly hasToken: boolean;
}

/** What a final refusal means for the person who asked for the model. */
export function describeRefusal(refusal: HubRefusal, asked: Asked): RbeeError {
  const { model, node, hasToken } = asked;
  const { status, code } = refusal;
  if (status === 404 || status === 410) {
    return new RbeeError("MODEL_NOT_FOUND", { model, node, candidates: [] }, { cause: refusal });
  }
  const reason = reasonOf(status, code, hasToken);
  return new RbeeError("MODEL_ACCESS_DENIED", { model, node, reason }, { cause: refusal });
}

// Without a token the hub answers the same for a private and for a missing repository.
function reasonOf(
  status: number,
  code: string | undefined,
  hasToken: boolean,
): ErrorDetails<"MODEL_ACCESS_DENIED">["reason"] {
  if (code === "GatedRepo") return "gated";
  if (status === 401) return hasToken ? "token" : "unknown";
  return "private";
}
