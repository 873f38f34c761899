import type { VerifyEvent } from "@rbee/contract";
import { useCallback, useEffect, useRef, useState } from "react";
import { describeFailure, failureFromBody } from "../../parts/describe-failure.ts";
import type { Failure } from "../../parts/describe-failure.ts";
import { useSession } from "../../state/console-context.tsx";

type VerifyResult = Extract<VerifyEvent, { type: "result" }>;

export interface Verification {
  readonly status: "idle" | "running" | "done" | "failed";
  readonly results: readonly VerifyResult[];
  readonly failure: Failure | undefined;
}

const nothing: Verification = { status: "idle", results: [], failure: undefined };

/** Lets a machine read its model files again and compare them with what they should be. */
export function useVerification(node: string) {
  const { queen } = useSession();
  const [view, setView] = useState(nothing);
  const leaving = useRef<AbortController>(undefined);
  useEffect(() => () => leaving.current?.abort(), []);
  const start = useCallback(() => {
    const controller = new AbortController();
    leaving.current = controller;
    const { signal } = controller;
    setView({ ...nothing, status: "running" });
    const follow = async () => {
      const events = await queen.stream("verifyModels", { body: { node }, signal });
      for await (const event of events) setView((before) => advance(before, event));
    };
    follow().catch((error: unknown) => {
      if (signal.aborted) return;
      setView((before) => ({ ...before, status: "failed", failure: describeFailure(error) }));
    });
  }, [queen, node]);
  return { ...view, start };
}

function advance(view: Verification, event: VerifyEvent): Verification {
  switch (event.type) {
    case "result":
      return { ...view, results: [...view.results, event] };
    case "done":
      return { ...view, status: "done" };
    case "error":
      return { ...view, status: "failed", failure: failureFromBody(event.error) };
    default:
      return view;
  }
}
