import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a package of the test's registry does when its file is asked for. */
export interface PackageFault {
  /** Bytes of one answer after which the connection is cut; then the next entry counts. */
  readonly cutAfter?: number[];
  readonly hasNoRanges?: boolean;
  /** So many answers have wrong bytes. */
  wrongAnswers?: number;
}

export interface TestRegistry extends AsyncDisposable {
  readonly url: string;
  /** `GET /x, bytes=5-`: one line per request. */
  readonly requests: string[];
  readonly keys: Set<string>;
  readonly publish: (name: string, file: Buffer, fault?: PackageFault) => void;
}

interface Published {
  readonly file: Buffer;
  readonly fault: PackageFault;
}

/** A registry with the two routes that installing needs, which really cuts connections. */
export async function startRegistry(): Promise<TestRegistry> {
  const packages = new Map<string, Published>();
  const requests: string[] = [];
  const keys = new Set<string>();
  let url = "";
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    requests.push(
      `${path}${request.headers.range === undefined ? "" : ` ${request.headers.range}`}`,
    );
    if (request.headers.authorization !== undefined) keys.add(request.headers.authorization);
    const [, name = "", isFile] = /^\/((?:@[^/]+\/)?[^/]+)(\/-\/.*)?$/.exec(path) ?? [];
    const found = packages.get(name);
    if (found === undefined) return void response.writeHead(404).end("{}");
    if (isFile !== undefined) return sendFile(found, request, response);
    response.setHeader("content-type", "application/json");
    const tarball = `${url}/${name}/-/file.tgz`;
    const dist = { tarball, integrity: integrityOf(found.file) };
    response.end(JSON.stringify({ name, versions: { "1.0.0": { dist } } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    keys,
    publish: (name, file, fault = {}) => void packages.set(name, { file, fault }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function integrityOf(file: Buffer): string {
  return `sha512-${createHash("sha512").update(file).digest("base64")}`;
}

function sendFile(
  { file, fault }: Published,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const range =
    fault.hasNoRanges === true ? undefined : /bytes=(\d+)-/.exec(request.headers.range ?? "");
  const start = Number(range?.[1] ?? 0);
  if (start >= file.length) return void response.writeHead(416).end();
  const isWrong = (fault.wrongAnswers ?? 0) > 0;
  if (isWrong) fault.wrongAnswers = (fault.wrongAnswers ?? 0) - 1;
  const body = isWrong ? Buffer.alloc(file.length - start, 7) : file.subarray(start);
  const headers = { "content-length": body.length };
  if (range == null) response.writeHead(200, headers);
  else {
    const span = `bytes ${start}-${file.length - 1}/${file.length}`;
    response.writeHead(206, { ...headers, "content-range": span });
  }
  const cut = fault.cutAfter?.shift();
  if (cut === undefined) return void response.end(body);
  response.write(body.subarray(0, cut), () => setImmediate(() => response.destroy()));
}
