import { RbeeError } from "@rbee/contract";

interface AskedFor {
  readonly params: Readonly<Record<string, string>>;
}

/** Earlier responses are not there: none is kept. */
export function refuseResponse({ params }: AskedFor): never {
  throw new RbeeError("RESPONSE_NOT_FOUND", { response_id: params["response_id"] ?? "" });
}
