import { sizes } from "@rbee/contract";
import type { PayloadProgress } from "@rbee/payload";
import type { Story } from "../output/create-story.ts";

/** Tells which part is on its way, once, and draws a bar for those that are fetched. */
export function showPayloadProgress(story: Story): (progress: PayloadProgress) => void {
  let told = "";
  return (progress) => {
    const { stage, part, bytesDone, bytesTotal, bytesPerSecond } = progress;
    const human = sentences[stage](part);
    if (human !== told) story.narrate({ action: `payload-${stage}`, human, cute: `📦 ${human}` });
    told = human;
    if (stage !== "downloading" || bytesTotal === 0) return;
    story.show({
      type: "progress",
      stage: "downloading",
      bytes_downloaded: bytesDone,
      bytes_total: bytesTotal,
      speed_mbps: bytesPerSecond / sizes.bytesPerMb,
      eta_seconds: bytesPerSecond > 0 ? (bytesTotal - bytesDone) / bytesPerSecond : null,
    });
  };
}

const sentences: Readonly<Record<PayloadProgress["stage"], (part: string) => string>> = {
  bundling: () => "making programs of the sources",
  downloading: (part) => `fetching ${part} from the npm registry`,
  assembling: () => "putting all parts together",
};
