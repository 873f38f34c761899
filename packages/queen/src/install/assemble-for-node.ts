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
    const isNew = `${progress.stage} ${progress.part}` !== part;
    part = `${progress.stage} ${progress.part}`;
    if (progress.stage === "downloading") {
      const what = `fetching ${progress.part}`;
      if (isNew) tell("install-fetch", [what, `📥 ${what}`]);
      errand.onProgress(downloadingEvent(progress));
    } else if (progress.stage === "bundling" && isNew) {
      const what = "making programs of the sources, which are newer than the last bundle";
      tell("install-bundle", [what, `🪢 ${what}`]);
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
