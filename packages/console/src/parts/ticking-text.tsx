import { useEffect, useState } from "react";

interface TickingTextProps {
  readonly text: (nowMs: number) => string;
}

/** A text that tells how long something is ago or goes on: it is said anew every second. */
export function TickingText({ text }: TickingTextProps) {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <span className="figure">{text(nowMs)}</span>;
}
