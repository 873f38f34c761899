import type { ProgressEvent } from "@rbee/contract";

/** What is counted of downloads for /metrics. */
export interface DownloadCounters {
  readonly begun: () => void;
  readonly received: (bytes: number) => void;
  readonly ended: (outcome: "done" | "failed" | "cancelled") => void;
}

type Listen = (progress: ProgressEvent) => void;

/**
 * Counts a fetch as a download once bytes come over the network, and those bytes: what was there
 * from an earlier attempt is not counted again.
 */
export async function meterDownload<Result>(
  counters: DownloadCounters,
  { onProgress, signal }: { readonly onProgress: Listen; readonly signal: AbortSignal },
  fetch: (onProgress: Listen) => Promise<Result>,
): Promise<Result> {
  let lastBytes: number | undefined;
  const listen: Listen = (progress) => {
    if (progress.stage === "downloading") {
      const { bytes_downloaded: bytes } = progress;
      if (lastBytes === undefined) counters.begun();
      else if (bytes > lastBytes) counters.received(bytes - lastBytes);
      lastBytes = bytes;
    }
    onProgress(progress);
  };
  try {
    const result = await fetch(listen);
    if (lastBytes !== undefined) counters.ended("done");
    return result;
  } catch (error) {
    if (lastBytes !== undefined) counters.ended(signal.aborted ? "cancelled" : "failed");
    throw error;
  }
}
