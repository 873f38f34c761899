import { RbeeError } from "@rbee/contract";
import { expandHome } from "./paths.ts";
import { findSecretPath, readSecretFile } from "./secrets.ts";
import type { Settings } from "./settings-schema.ts";

/** How this machine reaches the hub for models. */
export interface HubAccess {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly token: string | undefined;
  /** HTTPS_PROXY and its like; empty without a proxy. */
  readonly proxies: Readonly<Record<string, string>>;
}

interface HubAccessInput {
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
}

const endpointDefault = "https://huggingface.co";
const proxyVariable = /^(?:https?|no)_proxy$/i;

/**
 * What is set for rbee comes before what is set for every program that uses the hub. Throws
 * INSECURE_SECRET for a token file that cannot be used, INVALID_CONFIGURATION for a wrong
 * HF_ENDPOINT.
 */
export function findHubAccess({ settings, environment, homeDirectory }: HubAccessInput): HubAccess {
  const { hub_endpoint: ownEndpoint, hub_token_file: tokenFile } = settings.hive;
  const endpoint = ownEndpoint ?? readEndpoint(environment["HF_ENDPOINT"]) ?? endpointDefault;
  const tokenPath = findSecretPath(tokenFile, "hub.token", environment);
  const token =
    tokenPath === undefined
      ? environment["HF_TOKEN"]?.trim()
      : readSecretFile(expandHome(tokenPath, homeDirectory), environment);
  const proxies = Object.entries(environment).filter(
    (entry): entry is [string, string] => proxyVariable.test(entry[0]) && Boolean(entry[1]),
  );
  return {
    endpoint: endpoint.replace(/\/+$/, ""),
    token: token === "" ? undefined : token,
    proxies: Object.fromEntries(proxies),
  };
}

function readEndpoint(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const url = URL.parse(text.trim());
  if (url !== null && /^https?:$/.test(url.protocol)) return text.trim();
  const errors = [{ field: "HF_ENDPOINT", constraint: "url", message: "is no http or https URL" }];
  throw new RbeeError("INVALID_CONFIGURATION", { file: null, errors });
}
