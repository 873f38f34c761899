import { RbeeError, sizes } from "@rbee/contract";
import { gpuKindsOf } from "@rbee/payload";
import type { GpuKind, Payload, PayloadProgress } from "@rbee/payload";
import type { NodeErrand } from "../node-ports.ts";
import type { InstallWorld } from "./install-on-node.ts";
import type { NodeFacts } from "./probe-node.ts";
import type { Tell } from "./tell-node.ts";
import { tellNode } from "./tell-node.ts";

interface AssembleInput {
  readonly node: string;
  readonly facts: NodeFacts;
  readonly errand: NodeErrand;
}

/**
 * Makes what the node needs on this machine, and tells what is fetched for it. Where the build for
 * its GPU cannot be had, it gets the one that runs everywhere, and the person hears of it.
 */
export async function assembleForNode(
  { assemblePayload }: Pick<InstallWorld, "assemblePayload">,
  { node, facts: { platform, gpu }, errand }: AssembleInput,
): Promise<Payload> {
  const tell = tellNode(errand, node);
  const assemble = async (kind: GpuKind) => {
    const what = `rbee for ${platform} (${kind})`;
    tell("install-assemble", [`assembling ${what}`, `🧩 Assembling ${what}`]);
    const onProgress = tellAssembling(tell, errand);
    return await assemblePayload({ platform, gpu: kind, onProgress, signal: errand.signal });
  };
  const [basic = gpu] = gpuKindsOf(platform);
  return await assemble(gpu).catch(async (error: unknown) => {
    if (gpu === basic || !RbeeError.is(error, "PAYLOAD_UNAVAILABLE")) throw error;
    const why = `${error.details.part}: ${error.details.reason}`;
    const human = `without the build for ${gpu}, which cannot be had now (${why})`;
    tell("install-without-gpu", [human, `🐢 ${human}`], { level: "warn" });
    return await assemble(basic);
  });
}

function tellAssembling(tell: Tell, { onProgress }: NodeErrand) {
  let part = "";
  return (progress: PayloadProgress) => {
    const isNew = `${progress.stage} ${progress.part}` !== part;
    part = `${progress.stage} ${progress.part}`;
    if (progress.stage === "downloading") {
      const what = `fetching ${progress.part}`;
      if (isNew) tell("install-fetch", [what, `📥 ${what}`]);
      onProgress(downloadingEvent(progress));
    } else if (progress.stage === "bundling" && isNew) {
      const what = "making programs of the sources, which are newer than the last bundle";
      tell("install-bundle", [what, `🪢 ${what}`]);
    }
  };
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
