import { RbeeError } from "@rbee/contract";
import { AdvisedError } from "./advised-error.ts";
import { isLoopbackUrl, portOfUrl } from "./queen-url.ts";

export function unreachableError(url: string, reason: string): AdvisedError {
  const error = new RbeeError("QUEEN_UNREACHABLE", { url, reason, last_lines: [] });
  const isLocal = isLoopbackUrl(url);
  const lines = isLocal ? [] : ["It is not on this machine, so it is not started from here."];
  return new AdvisedError(error, { lines });
}

/** Something else listens at the queen's address: what, and how to use another port. */
export function foreignProgramError(url: string, found: string): AdvisedError {
  const error = new RbeeError("QUEEN_UNREACHABLE", {
    url,
    reason: `another program answers there: ${found}`,
    last_lines: [],
  });
  const port = portOfUrl(url);
  const other = port < 65_535 ? port + 1 : port - 1;
  const otherUrl = `http://127.0.0.1:${other}`;
  return new AdvisedError(error, {
    hints: [
      `Choose another port, once: rbee-keeper --queen ${otherUrl} ...`,
      `or for good: [keeper] queen_url = "${otherUrl}" and [queen] port = ${other}`,
    ],
  });
}
