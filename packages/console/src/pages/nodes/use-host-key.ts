import type { ShownHostKey } from "@rbee/contract";
import { useCallback, useEffect, useRef, useState } from "react";
import { describeFailure } from "../../parts/describe-failure.ts";
import type { Failure } from "../../parts/describe-failure.ts";
import { useSession } from "../../state/console-context.tsx";
import { placeOf } from "./node-wish.ts";
import type { NodeWish } from "./node-wish.ts";

interface Look {
  readonly shown: ShownHostKey | undefined;
  readonly failure: Failure | undefined;
  readonly isLooking: boolean;
}

const nothing: Look = { shown: undefined, failure: undefined, isLooking: false };

/** A look at the host key of a machine, before anything is trusted. */
export function useHostKey() {
  const { queen } = useSession();
  const [look, setLook] = useState(nothing);
  const running = useRef<AbortController>(undefined);
  const putAway = useCallback(() => {
    running.current?.abort();
    setLook(nothing);
  }, []);
  const lookAt = useCallback(
    (wish: NodeWish) => {
      running.current?.abort();
      const controller = new AbortController();
      const { signal } = controller;
      running.current = controller;
      setLook({ ...nothing, isLooking: true });
      queen.call("showHostKey", { body: placeOf(wish), signal }).then(
        (shown) => {
          if (!signal.aborted) setLook({ ...nothing, shown });
        },
        (error: unknown) => {
          if (!signal.aborted) setLook({ ...nothing, failure: describeFailure(error) });
        },
      );
    },
    [queen],
  );
  useEffect(() => () => running.current?.abort(), []);
  return { ...look, lookAt, putAway };
}
