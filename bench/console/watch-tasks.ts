import type { Page } from "playwright-core";

/** What the page's main thread did: a task is what keeps it from everything else. */
export interface TaskFigures {
  readonly longestMs: number;
  /** Of the processor, for the one that took most of it: other work on the machine adds nothing. */
  readonly longestCpuMs: number;
  /** How many took longer than a person notices. */
  readonly longCount: number;
  readonly busyPercent: number;
}

export const longTaskMs = 50;

interface Trace {
  readonly traceEvents: readonly TraceEvent[];
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** In microseconds, as all of these. */
  readonly ts: number;
  readonly dur?: number;
  /** The same on the processor. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

const taskName = "ThreadControllerImpl::RunTask";
const mainThreadName = "CrRendererMain";

/** Traces the browser while something is done, and looks at the tasks of the page's main thread. */
export async function watchTasks(page: Page, act: () => Promise<void>): Promise<TaskFigures> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("the page has no browser");
  await browser.startTracing(page, { categories: ["toplevel"] });
  let trace: Buffer;
  try {
    await act();
  } finally {
    // Also after a failure: a browser traces one thing at a time.
    trace = await browser.stopTracing();
  }
  return readTasks(JSON.parse(trace.toString("utf8")) as Trace);
}

function readTasks({ traceEvents }: Trace): TaskFigures {
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`;
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args?.name === mainThreadName)
      .map(threadOf),
  );
  const tasks = traceEvents.filter((one) => one.name === taskName && mains.has(threadOf(one)));
  if (tasks.length === 0) throw new Error("the browser's trace holds no task of the page");
  const lengthsMs = tasks.map(({ dur = 0 }) => dur / 1000);
  const begins = tasks.map(({ ts }) => ts / 1000);
  const elapsedMs = begins.reduce(later) - begins.reduce(earlier);
  return {
    longestMs: lengthsMs.reduce(later),
    longestCpuMs: tasks.map(({ tdur = 0 }) => tdur / 1000).reduce(later),
    longCount: lengthsMs.filter((milliseconds) => milliseconds > longTaskMs).length,
    busyPercent: (lengthsMs.reduce((sum, one) => sum + one, 0) / elapsedMs) * 100,
  };
}

const later = (left: number, right: number) => Math.max(left, right);
const earlier = (left: number, right: number) => Math.min(left, right);
