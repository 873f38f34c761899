import { sizes } from "@rbee/contract";
import type { Payload, PayloadProgress } from "@rbee/payload";
import type { NodeErrand } from "../node-ports.ts";
import type { InstallWorld } from "./install-on-node.ts";
import type { NodeFacts } from "./probe-node.ts";
import { tellNode } from "./tell-node.ts";

interface AssembleInput {
  readonly node: string;
  readonly facts: NodeFacts;
  readonly errand: NodeErrand;
}

/** Makes what the node needs on this machine, and tells what is fetched for it. */
export async function assembleForNode(
  { assemblePayload }: Pick<InstallWorld, "assemblePayload">,
  { node, facts: { platform, gpu }, errand }: AssembleInput,
): Promise<Payload> {
  const tell = tellNode(errand, node);
  const what = `rbee for ${platform} (${gpu})`;
  tell("install-assemble", [`assembling ${what}`, `🧩 Assembling ${what}`]);
  let part = "";
  const onProgress = (progress: PayloadProgress) => {
    if (progress.stage === "downloading") {
      if (progress.part !== part) {
        tell("install-fetch", [`fetching ${progress.part}`, `📥 Fetching ${progress.part}`]);
      }
      part = progress.part;
      errand.onProgress(downloadingEvent(progress));
    }
  };
  return await assemblePayload({ platform, gpu, onProgress, signal: errand.signal });
}

function downloadingEvent(progress: PayloadProgress) {
  const { bytesDone, bytesTotal, bytesPerSecond } = progress;
  return {
    type: "progress" as const,
    stage: "downloading" as const,
    bytes_downloaded: bytesDone,
    bytes_total: bytesTotal,
    speed_mbps: bytesPerSecond / sizes.bytesPerMb,
    eta_seconds: bytesPerSecond > 0 ? (bytesTotal - bytesDone) / bytesPerSecond : null,
  };
}
