export interface RawRequest {
  readonly method?: string;
  readonly key?: string | undefined;
  readonly body?: unknown;
}

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  readonly body: unknown;
}

/** A request as any HTTP client would send it, without our own client. */
export async function sendRaw(url: string, request: RawRequest = {}): Promise<RawAnswer> {
  const { method = request.body === undefined ? "GET" : "POST", key, body } = request;
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  return { status: response.status, text, body: parseJson(text) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The `data:` lines of an event stream, the end marker included. */
export function dataLinesOf(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length).trim());
}
