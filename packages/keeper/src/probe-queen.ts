import { QueenHealth } from "@rbee/contract";
import { transportErrorFrom } from "@rbee/sdk";
import type { FetchedResponse } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";

/** What is found at the queen's URL. */
export type QueenProbe =
  /** queen-rbee answers. */
  | { readonly state: "queen"; readonly health: QueenHealth }
  /** Nothing listens there. */
  | { readonly state: "absent" }
  /** Another program answers; `found` describes it. */
  | { readonly state: "foreign"; readonly found: string }
  /** No answer: too slow, or no way there. */
  | { readonly state: "silent"; readonly reason: string };

interface ProbeOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Asks who answers at the URL; only an abort of the caller's signal throws. */
export async function probeQueen(
  url: string,
  { timeoutMs, signal }: ProbeOptions,
): Promise<QueenProbe> {
  const limit = AbortSignal.timeout(timeoutMs);
  const both = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  try {
    const response = await nodeFetch(`${url}/health`, { signal: both });
    const text = await response.text();
    const health = QueenHealth.safeParse(parseJson(text));
    if (health.success) return { state: "queen", health: health.data };
    return { state: "foreign", found: describeAnswer(response) };
  } catch (error) {
    signal?.throwIfAborted();
    if (limit.aborted) {
      return { state: "silent", reason: `no answer within ${timeoutMs / 1000} s` };
    }
    const { failure, message } = transportErrorFrom(error);
    if (failure === "refused") return { state: "absent" };
    if (failure === "reset") {
      return { state: "foreign", found: "a program that does not speak HTTP, or closes at once" };
    }
    return { state: "silent", reason: message };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describeAnswer({ status, headers }: FetchedResponse): string {
  const program = headers.get("server") ?? "an HTTP server that is not queen-rbee";
  const kind = headers.get("content-type")?.split(";")[0] ?? "no content type";
  return `${program} (status ${status}, ${kind})`;
}
