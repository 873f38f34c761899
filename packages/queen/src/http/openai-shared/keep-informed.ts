import { timings } from "@rbee/contract";

interface InformedCall {
  readonly inform: (headers: Readonly<Record<string, string>>) => void;
}

interface Waiting<Answer> {
  /** A worker has a slot for it: the first word may wait as long as any other. */
  readonly isWarm: boolean;
  readonly headers: () => Readonly<Record<string, string>>;
  readonly work: () => Promise<Answer>;
}

/**
 * Waits for what a client gets as one JSON answer, and tells it meanwhile that it is worked on, so
 * that its connection is never a dead one: at once when a model must be loaded or a turn waited
 * for, then after growing waits.
 */
export async function keepInformed<Answer>(
  call: InformedCall,
  { isWarm, headers, work }: Waiting<Answer>,
): Promise<Answer> {
  const [, ...later] = timings.interimDelaysMs;
  const inform = () => call.inform(headers());
  if (!isWarm) inform();
  const timers = later.map((delayMs) => setTimeout(inform, delayMs));
  try {
    return await work();
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}
