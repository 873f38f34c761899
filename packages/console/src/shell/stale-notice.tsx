import { Alert, Code } from "@mantine/core";
import { useEffect, useState } from "react";
import { formatDuration } from "../format/format-duration.ts";
import { useLive } from "../state/console-context.tsx";

/** Says that what stands below is old, and since when. */
export function StaleNotice() {
  const { link, heardAtMs } = useLive();
  const nowMs = useNow(link === "stale");
  if (link !== "stale" || heardAtMs === undefined) return null;
  return (
    <Alert color="red" title="The queen is not heard" mb="md" role="alert">
      What you see is {formatDuration(nowMs - heardAtMs)} old. This page tries again by itself. If
      she was stopped: <Code>rbee queen start</Code>
    </Alert>
  );
}

function useNow(isTicking: boolean): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    if (!isTicking) return undefined;
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isTicking]);
  return nowMs;
}
