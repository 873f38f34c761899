import type { workerRoutes } from "@rbee/contract";
import type { Handler } from "@rbee/daemon";
import type { RequestDesk } from "../ports.ts";

/** The same answer whether or not such a request runs: cancelling twice is no mistake. */
export function cancelInference(
  desk: Pick<RequestDesk, "cancel">,
): Handler<typeof workerRoutes.cancelInference> {
  return ({ params }) => {
    desk.cancel(params["request_id"] ?? "");
    return undefined;
  };
}
