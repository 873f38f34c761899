import { createHmac, timingSafeEqual } from "node:crypto";

const secret = "the CDN and the hub know this";
const validSeconds = 3600;

/** The address of a file at the CDN, good for an hour and for nothing else. */
export function signContentUrl(cdnUrl: string, sha256: string): string {
  const expires = Math.floor(Date.now() / 1000) + validSeconds;
  const url = new URL(`/repos/${sha256.slice(0, 2)}/${sha256}`, cdnUrl);
  url.searchParams.set("Expires", String(expires));
  url.searchParams.set("Signature", signatureOf(sha256, expires));
  url.searchParams.set("response-content-disposition", "attachment");
  return url.href;
}

/** The digest that a signed address names; undefined when its signature is not good now. */
export function readContentUrl(path: string): string | undefined {
  const url = new URL(path, "http://cdn");
  const sha256 = /^\/repos\/[0-9a-f]{2}\/([0-9a-f]{64})$/.exec(url.pathname)?.[1];
  const expires = Number(url.searchParams.get("Expires"));
  const signature = Buffer.from(url.searchParams.get("Signature") ?? "");
  if (sha256 === undefined || expires < Date.now() / 1000) return undefined;
  const expected = Buffer.from(signatureOf(sha256, expires));
  const isGood = signature.length === expected.length && timingSafeEqual(signature, expected);
  return isGood ? sha256 : undefined;
}

function signatureOf(sha256: string, expires: number): string {
  return createHmac("sha256", secret).update(`${sha256} ${expires}`).digest("hex");
}
