import { useCallback, useMemo } from "react";
import { useSession } from "../../state/console-context.tsx";
import { useAnswer } from "../../state/use-answer.ts";

/** Names of keys by their ids; none where this browser's key may not read them. */
export function useKeyNames(): ReadonlyMap<string, string> {
  const { queen } = useSession();
  const ask = useCallback((signal: AbortSignal) => queen.call("listKeys", { signal }), [queen]);
  const { answer } = useAnswer(ask);
  return useMemo(() => new Map((answer?.keys ?? []).map(({ id, name }) => [id, name])), [answer]);
}
