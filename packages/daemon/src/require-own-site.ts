import { RbeeError } from "@rbee/contract";
import { isLoopback } from "./authenticate.ts";

export interface SiteHeaders {
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/**
 * Any page that a person opens may send requests to this machine. Where no key keeps it out, its
 * browser tells on it: by the origin, or, when a foreign name was made to lead here, by the host.
 * Programs other than browsers send no origin. Throws FOREIGN_SITE.
 */
export function requireOwnSite(program: string, { host, origin }: SiteHeaders): void {
  if (host !== undefined && !isLoopback(hostNameOf(`http://${host}`))) {
    throw new RbeeError("FOREIGN_SITE", { program, header: "Host" });
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    throw new RbeeError("FOREIGN_SITE", { program, header: "Origin" });
  }
}

function hostNameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, "$1") : "";
}
