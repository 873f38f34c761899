import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";

/** How many bytes an address sends to who accepts this coding; a browser's own figures hide them. */
export async function countBytes(url: string, coding: string): Promise<number> {
  const asked = request(url, { headers: { "accept-encoding": coding } });
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  let bytes = 0;
  for await (const chunk of answer) bytes += (chunk as Buffer).length;
  return bytes;
}
