import { useCallback } from "react";
import { useSession } from "../../state/console-context.tsx";
import { useAnswer } from "../../state/use-answer.ts";

/** What may be asked for by name: models of every machine, and aliases. */
export function useKnownModels(): readonly string[] {
  const { queen } = useSession();
  const ask = useCallback(
    (signal: AbortSignal) => queen.call("listOpenAiModels", { signal }),
    [queen],
  );
  const { answer } = useAnswer(ask);
  return answer?.data.map(({ id }) => id) ?? [];
}
