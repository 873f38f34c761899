import type { IncomingMessage, ServerResponse } from "node:http";
import { findRefusal, readToken, refusals, refuse } from "./hub-access.ts";
import type { HubFault, HubRequestKind } from "./hub-faults.ts";
import type { HubFile, HubRepository } from "./hub-repository.ts";
import type { HubWorld } from "./hub-world.ts";
import { sendContent } from "./send-content.ts";
import { signContentUrl } from "./sign-content-url.ts";

interface Asked {
  readonly kind: HubRequestKind;
  readonly repositoryName: string;
  readonly revision: string;
  /** A file, or the folder of a list. */
  readonly path: string;
}

interface Answering extends Asked {
  readonly world: HubWorld;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly repository: HubRepository;
  readonly query: URLSearchParams;
}

const revisionDefault = "main";

/** The hub itself: facts, lists and addresses of files. */
export async function answerHub(
  world: HubWorld,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", urlSeenBy(request));
  const asked = parsePath(decodeURIComponent(url.pathname));
  if (asked === undefined) {
    response.writeHead(404, { "content-type": "text/html" }).end("<h1>404</h1>");
    return;
  }
  const { kind, repositoryName, path } = asked;
  const token = readToken(request);
  const note = (status: number) =>
    world.counters.note({
      kind,
      method: request.method ?? "GET",
      repository: repositoryName,
      file: kind === "resolve" ? path : null,
      status,
      range: null,
      ifRange: null,
      hasToken: token !== undefined,
    });
  const fault = world.faults.take(kind, kind === "resolve" ? path : undefined);
  if (fault !== undefined && breaks(fault, response, note)) return;
  const repository = world.repositories.get(repositoryName);
  const refusal =
    findRefusal({
      repository,
      token,
      knownTokens: knownTokensOf(world),
      wantsContent: kind === "resolve",
    }) ?? findRevisionRefusal(repository, asked.revision);
  if (refusal !== undefined || repository === undefined) {
    note(refuse(response, refusal ?? refusals.entryNotFound));
    return;
  }
  note(await answer({ ...asked, world, request, response, repository, query: url.searchParams }));
}

// Under the name by which it was asked: every machine has its own for this one.
function urlSeenBy({ headers }: IncomingMessage, port?: number): string {
  const url = new URL(`http://${headers.host ?? "localhost"}`);
  if (port !== undefined) url.port = String(port);
  return url.origin;
}

function parsePath(path: string): Asked | undefined {
  const api =
    /^\/api\/models\/([^/]+\/[^/]+)(?:\/(?<verb>tree|revision)\/([^/]+)(?:\/(.*))?)?$/.exec(path);
  if (api !== null) {
    const [, repositoryName = "", verb, revision = revisionDefault, folder = ""] = api;
    const kind = verb === "tree" ? "tree" : "info";
    return { kind, repositoryName, revision, path: folder };
  }
  const file = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
  if (file === null) return undefined;
  const [, repositoryName = "", revision = "", name = ""] = file;
  return { kind: "resolve", repositoryName, revision, path: name };
}

function knownTokensOf(world: HubWorld): ReadonlySet<string> {
  const ofRepositories = [...world.repositories.values()].flatMap(({ tokens }) => tokens);
  return new Set([...world.otherTokens, ...ofRepositories]);
}

function findRevisionRefusal(repository: HubRepository | undefined, revision: string) {
  if (repository === undefined) return undefined;
  const known = [revisionDefault, "HEAD", repository.commit];
  return known.includes(revision) ? undefined : refusals.revisionNotFound(revision);
}

/** Carries a fault out; false for one that is no fault of an answer without content. */
export function breaks(
  fault: HubFault,
  response: ServerResponse,
  note: (status: number) => void,
): boolean {
  if (fault.kind === "hang-up") {
    note(0);
    response.socket?.destroy();
    return true;
  }
  if (fault.kind === "stall" && (fault.on ?? "content") !== "content") {
    note(0);
    return true;
  }
  if (fault.kind !== "status") return false;
  const { status, retryAfterSeconds: seconds } = fault;
  if (seconds !== undefined) response.setHeader("retry-after", String(seconds));
  note(refuse(response, { status, message: `This is status ${status}, as the script says.` }));
  return true;
}

async function answer(asked: Answering): Promise<number> {
  const { kind, response, repository } = asked;
  if (kind === "tree") return sendTree(asked);
  if (kind === "info") return sendJson(response, describeRepository(repository));
  const file = repository.files.find(({ path }) => path === asked.path);
  if (file === undefined) return refuse(response, refusals.entryNotFound);
  response.setHeader("x-repo-commit", repository.commit);
  response.setHeader("content-disposition", `inline; filename="${file.path}"`);
  if (!file.isLfs) {
    const { world, request } = asked;
    const onBytes = (count: number) => world.counters.noteBytes(count);
    const etag = `"${file.oid}"`;
    const { sent, over } = sendContent({
      request,
      response,
      file,
      etag,
      fault: undefined,
      onBytes,
    });
    await over;
    return sent.status;
  }
  response.writeHead(302, {
    location: signContentUrl(urlSeenBy(asked.request, asked.world.cdnPort()), file.sha256),
    "x-linked-etag": `"${file.sha256}"`,
    "x-linked-size": String(file.sizeBytes),
    "accept-ranges": "bytes",
  });
  response.end();
  return 302;
}

function describeRepository(repository: HubRepository): object {
  const { name, commit, access, files } = repository;
  return {
    _id: commit.slice(0, 24),
    id: name,
    modelId: name,
    sha: commit,
    private: access === "private",
    gated: access === "gated" ? "manual" : false,
    disabled: false,
    downloads: 12,
    likes: 3,
    lastModified: "2026-11-01T12:00:00.000Z",
    siblings: files.map(({ path }) => ({ rfilename: path })),
  };
}

function sendTree(asked: Answering): number {
  const { world, request, response, repository, revision, path, query } = asked;
  const isRecursive = query.get("recursive") === "true";
  const entries = listEntries(repository.files, path, isRecursive);
  if (path !== "" && entries.length === 0) return refuse(response, refusals.entryNotFound);
  const from = Number(query.get("cursor") ?? 0);
  const next = from + world.pageSize;
  if (next < entries.length) {
    const address = new URL(`/api/models/${repository.name}/tree/${revision}`, urlSeenBy(request));
    if (path !== "") address.pathname += `/${path}`;
    address.searchParams.set("recursive", String(isRecursive));
    address.searchParams.set("cursor", String(next));
    response.setHeader("link", `<${address.href}>; rel="next"`);
  }
  return sendJson(response, entries.slice(from, next));
}

function listEntries(files: readonly HubFile[], folder: string, isRecursive: boolean): object[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  const below = files.filter(({ path }) => path.startsWith(prefix));
  const folders = new Set<string>();
  for (const { path } of below) {
    const parts = path.slice(prefix.length).split("/").slice(0, -1);
    const depth = isRecursive ? parts.length : Math.min(1, parts.length);
    for (let count = 1; count <= depth; count += 1) {
      folders.add(prefix + parts.slice(0, count).join("/"));
    }
  }
  const shown = isRecursive
    ? below
    : below.filter(({ path }) => !path.slice(prefix.length).includes("/"));
  return [
    ...[...folders].map((path) => ({ type: "directory", oid: "0".repeat(40), size: 0, path })),
    ...shown.map(({ path, oid, sizeBytes, sha256, isLfs }) => ({
      type: "file",
      oid,
      size: sizeBytes,
      path,
      ...(isLfs ? { lfs: { oid: sha256, size: sizeBytes, pointerSize: 134 } } : {}),
    })),
  ];
}

function sendJson(response: ServerResponse, value: unknown): number {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(value));
  return 200;
}
