// Only a queen on this machine may be started by the keeper, and only plain HTTP is hers.
export function isLoopbackUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.protocol !== "http:") return false;
  return isLoopbackHost(url.hostname);
}

/** True for an address that only this machine can reach. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  return bare === "localhost" || bare === "::1" || /^127(?:\.\d+){3}$/.test(bare);
}

export function portOfUrl(text: string): number {
  const url = new URL(text);
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

/** The same queen's URL with another port. */
export function withPort(text: string, port: number): string {
  const url = new URL(text);
  url.port = String(port);
  return url.origin;
}

/** The same queen's URL with another host. */
export function urlOfHost(text: string, host: string): string {
  const url = new URL(text);
  url.hostname = host.includes(":") ? `[${host}]` : host;
  return url.origin;
}
