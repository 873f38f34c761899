import { text } from "node:stream/consumers";
import type { HubFile } from "../../domain/choose-hub-model.ts";
import type { HubRequester } from "./hub-request.ts";

export interface HubRepository {
  /** The commit that `files` belong to. */
  readonly commit: string;
  readonly files: readonly HubFile[];
}

interface Listing {
  readonly endpoint: string;
  readonly repository: string;
  readonly requester: HubRequester;
  readonly signal: AbortSignal;
}

/** What a repository holds now. Throws HubRefusal, or what the connection fails with. */
export async function listHubFiles(listing: Listing): Promise<HubRepository> {
  const { endpoint, repository } = listing;
  // Most starts of a hive never ask the hub for anything.
  const { listFiles, modelInfo } = await import("@huggingface/hub");
  const options = { hubUrl: endpoint, fetch: createFetch(listing) };
  const { sha: commit } = await modelInfo({
    ...options,
    name: repository,
    additionalFields: ["sha"],
  });
  const files: HubFile[] = [];
  const repo = { type: "model", name: repository } as const;
  for await (const entry of listFiles({ ...options, repo, revision: commit, recursive: true })) {
    if (entry.type !== "file") continue;
    const { path, size, lfs } = entry;
    files.push({ path, sizeBytes: lfs?.size ?? size, sha256: lfs?.oid ?? null });
  }
  return { commit, files };
}

// The library's requests go the way of all others: token, proxies and refusals are the same.
function createFetch({ requester, signal }: Listing): typeof fetch {
  return async (input, options) => {
    const url = input instanceof Request ? input.url : input.toString();
    const headers = Object.fromEntries(new Headers(options?.headers));
    const answer = await requester.get({ url, headers, signal });
    const link = answer.headers["link"];
    return new Response(await text(answer.body), {
      status: answer.status,
      headers: {
        "content-type": answer.headers["content-type"] ?? "application/json",
        ...(link === undefined ? {} : { link: link.toString() }),
      },
    });
  };
}
