// Only a queen on this machine may be started by the keeper, and only plain HTTP is hers.
export function isLoopbackUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.protocol !== "http:") return false;
  const { hostname } = url;
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
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
