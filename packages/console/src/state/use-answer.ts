import { useCallback, useEffect, useRef, useState } from "react";
import { describeFailure } from "../parts/describe-failure.ts";
import type { Failure } from "../parts/describe-failure.ts";
import { useLivePart } from "./console-context.tsx";

export interface Asked<Answer> {
  /** The last answer, also while it is asked for again. */
  readonly answer: Answer | undefined;
  readonly failure: Failure | undefined;
  readonly isAsking: boolean;
  readonly askAgain: () => void;
}

/**
 * Asks when the component appears and whenever `ask` becomes another function: give it one from
 * `useCallback`. A queen who was away is asked anew when she is heard again. What comes too late for
 * its question is dropped.
 */
export function useAnswer<Answer>(ask: (signal: AbortSignal) => Promise<Answer>): Asked<Answer> {
  const [asked, setAsked] = useState<Omit<Asked<Answer>, "askAgain">>(nothing);
  const [count, setCount] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    setAsked((before) => ({ ...before, isAsking: true }));
    ask(leaving.signal).then(
      (answer) => {
        if (!leaving.signal.aborted) setAsked({ answer, failure: undefined, isAsking: false });
      },
      (error: unknown) => {
        if (leaving.signal.aborted) return;
        setAsked((before) => ({ ...before, failure: describeFailure(error), isAsking: false }));
      },
    );
    return () => leaving.abort();
  }, [ask, count]);
  const askAgain = useCallback(() => setCount((before) => before + 1), []);
  const link = useLivePart((live) => live.link);
  const wasStale = useRef(false);
  useEffect(() => {
    if (link === "live" && wasStale.current) askAgain();
    wasStale.current = link === "stale";
  }, [link, askAgain]);
  return { ...asked, askAgain };
}

const nothing = { answer: undefined, failure: undefined, isAsking: true };
