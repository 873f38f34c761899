import { Agent as HttpAgent, request as requestHttp } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { HubAccess } from "@rbee/settings";
import { HubRefusal } from "./hub-refusal.ts";

export interface HubRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Aborting it ends the request and what is left of its answer. */
  readonly signal: AbortSignal;
}

/** An answer whose content has not been read yet. */
export interface HubAnswer {
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
}

/** Asks the hub and follows it to wherever it keeps the content. */
export interface HubRequester {
  /** Throws HubRefusal for an answer that is none, and what the connection fails with. */
  readonly get: (request: HubRequest) => Promise<HubAnswer>;
  readonly close: () => void;
}

const redirectsMax = 5;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Requests by `node:http` and not by fetch: its agents know proxies, and its answers come as they
 * are read from the socket. The token goes to the hub's own address and to no other.
 */
export function createHubRequester(access: HubAccess): HubRequester {
  const options = { keepAlive: true, proxyEnv: { ...access.proxies } };
  const agents = { "http:": new HttpAgent(options), "https:": new HttpsAgent(options) };
  const { origin } = new URL(access.endpoint);

  const ask = async (url: URL, { headers, signal }: HubRequest): Promise<IncomingMessage> => {
    const isSecure = url.protocol === "https:";
    const answer = Promise.withResolvers<IncomingMessage>();
    const authorization =
      access.token !== undefined && url.origin === origin
        ? { authorization: `Bearer ${access.token}` }
        : {};
    const request = (isSecure ? requestHttps : requestHttp)(url, {
      agent: isSecure ? agents["https:"] : agents["http:"],
      headers: {
        "user-agent": "rbee",
        "accept-encoding": "identity",
        ...headers,
        ...authorization,
      },
      signal,
    });
    request.once("response", answer.resolve).on("error", answer.reject).end();
    const body = await answer.promise;
    // What breaks before anybody reads is told to whoever does.
    return body.on("error", () => {});
  };

  const get = async (request: HubRequest): Promise<HubAnswer> => {
    let url = new URL(request.url);
    for (let followed = 0; followed <= redirectsMax; followed += 1) {
      const body = await ask(url, request);
      const { statusCode: status = 0, headers } = body;
      if (!redirects.has(status) || headers.location === undefined) {
        if (status >= 200 && status < 300) {
          return { url: url.href, status, headers, body };
        }
        body.destroy();
        throw refusalOf(status, headers, url.origin === origin);
      }
      body.resume();
      url = new URL(headers.location, url);
    }
    throw new Error(`the hub sends us on more than ${redirectsMax} times`);
  };
  return {
    get,
    close() {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}

function refusalOf(status: number, headers: IncomingHttpHeaders, isHub: boolean): HubRefusal {
  const seconds = Number(headers["retry-after"]);
  return new HubRefusal({
    status,
    isHub,
    code: headers["x-error-code"]?.toString(),
    retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined,
  });
}
