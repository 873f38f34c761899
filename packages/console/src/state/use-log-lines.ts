import { formatLogLine } from "@rbee/contract";
import { useEffect, useState } from "react";
import { describeFailure, failureFromBody } from "../parts/describe-failure.ts";
import type { Failure } from "../parts/describe-failure.ts";
import { useSession } from "./console-context.tsx";

/** Whose log: of a worker, of a node's hive, or of the queen when nothing is named. */
export interface LogSource {
  readonly node?: string;
  readonly worker?: string;
}

export interface LogLinesView {
  readonly lines: readonly string[];
  readonly failure: Failure | undefined;
  readonly isOpen: boolean;
}

const linesKept = 20_000;
const linesAsked = 1000;
/** Lines come in bursts; the page is drawn anew at most this often. */
const drawIntervalMs = 100;

// As programs' logs are used to write it; made once, since it is slow to make.
const clock = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium" });
const sayTime = (time: Date) => clock.format(time);

/** Follows a log while the component is there. Older lines go when there are very many. */
export function useLogLines({ node, worker }: LogSource): LogLinesView {
  const { queen } = useSession();
  const [view, setView] = useState<LogLinesView>(nothing);
  useEffect(() => {
    const leaving = new AbortController();
    let pending: string[] = [];
    const draw = () => {
      if (pending.length === 0) return;
      const fresh = pending;
      pending = [];
      setView((before) => ({ ...before, lines: [...before.lines, ...fresh].slice(-linesKept) }));
    };
    const timer = setInterval(draw, drawIntervalMs);
    const follow = async () => {
      setView(nothing);
      const query = { node, worker, lines: String(linesAsked), follow: "true" } as never;
      const events = await queen.stream("logs", { query, signal: leaving.signal });
      setView((before) => ({ ...before, isOpen: true }));
      for await (const event of events) {
        if (event.type === "log") pending.push(formatLogLine(event.line, sayTime));
        if (event.type === "error") throw new LogFailure(failureFromBody(event.error));
      }
    };
    follow()
      .catch((error: unknown) => {
        if (leaving.signal.aborted) return;
        const failure = error instanceof LogFailure ? error.failure : describeFailure(error);
        setView((before) => ({ ...before, failure }));
      })
      .finally(() => {
        if (!leaving.signal.aborted) setView((before) => ({ ...before, isOpen: false }));
      });
    return () => {
      clearInterval(timer);
      leaving.abort();
    };
  }, [queen, node, worker]);
  return view;
}

const nothing: LogLinesView = { lines: [], failure: undefined, isOpen: false };

class LogFailure extends Error {
  override readonly name = "LogFailure";
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.title);
    this.failure = failure;
  }
}
