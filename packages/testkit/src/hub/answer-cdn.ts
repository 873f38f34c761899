import type { IncomingMessage, ServerResponse } from "node:http";
import { breaks } from "./answer-hub.ts";
import type { HubWorld } from "./hub-world.ts";
import { sendContent } from "./send-content.ts";
import type { Sent } from "./send-content.ts";
import { readContentUrl } from "./sign-content-url.ts";

/** The CDN: bytes of large files for whoever has a signed address, and for no token. */
export async function answerCdn(
  world: HubWorld,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const found = findFile(world, readContentUrl(request.url ?? "/"));
  const hasToken = request.headers.authorization !== undefined;
  const note = ({ status, range }: Sent) =>
    world.counters.note({
      kind: "content",
      method: request.method ?? "GET",
      repository: found?.repository ?? "",
      file: found?.file.path ?? null,
      status,
      range,
      ifRange: request.headers["if-range"]?.toString() ?? null,
      hasToken,
    });
  if (found === undefined || hasToken) {
    // A signed address and a token are two ways to ask; the CDN takes one of them.
    const [status, code] = hasToken ? [400, "InvalidArgument"] : [403, "AccessDenied"];
    note({ status, range: null });
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
    return;
  }
  const { file } = found;
  const fault = world.faults.take("content", file.path);
  const isBroken = fault !== undefined && breaks(fault, response, noteStatus);
  if (isBroken) return;
  const onBytes = (count: number) => world.counters.noteBytes(count);
  const etag = `"${file.oid}"`;
  const { sent, over } = sendContent({ request, response, file, etag, fault, onBytes });
  note(sent);
  await over;

  function noteStatus(status: number): void {
    note({ status, range: null });
  }
}

function findFile(world: HubWorld, sha256: string | undefined) {
  if (sha256 === undefined) return undefined;
  for (const { name, files } of world.repositories.values()) {
    const file = files.find((one) => one.sha256 === sha256);
    if (file !== undefined) return { repository: name, file };
  }
  return undefined;
}
