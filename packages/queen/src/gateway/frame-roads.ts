import { timings } from "@rbee/contract";
import type { InferenceOrder, WorkerAddress } from "../ports.ts";
import { openFrameConnection } from "./frame-connection.ts";
import type { FrameConnection, OpenChannel } from "./frame-connection.ts";
import type { StreamClock } from "./stream-clock.ts";

/** How one request's stream comes from its worker. */
export interface FrameRoad {
  /** Absent: over a connection of its own. */
  readonly shared: OpenChannel | undefined;
  /** The request is over; harmless twice. */
  readonly leave: () => void;
}

interface Worker {
  readonly address: WorkerAddress;
  streams: number;
  /** Settles with nothing when the worker offers no shared connection. */
  connection: Promise<FrameConnection | undefined> | undefined;
  idle: NodeJS.Timeout | undefined;
}

/**
 * Which streams share a connection. The first of a worker has one of its own: nothing is gained by
 * sharing with nobody. Those that run beside another share one, if the worker offers it.
 */
export function createFrameRoads(clock: StreamClock) {
  const workers = new Map<string, Worker>();

  const findWorker = (address: WorkerAddress): Worker => {
    const key = `${address.url} ${address.apiKey}`;
    const known = workers.get(key);
    if (known !== undefined) return known;
    const worker: Worker = { address, streams: 0, connection: undefined, idle: undefined };
    workers.set(key, worker);
    return worker;
  };
  const forget = (worker: Worker) => {
    workers.delete(`${worker.address.url} ${worker.address.apiKey}`);
    void worker.connection?.then((connection) => connection?.close());
  };
  const connect = (worker: Worker) =>
    (worker.connection ??= openFrameConnection({
      address: worker.address,
      clock,
      onClose: () => void (worker.connection = undefined),
    }));
  const depart = (worker: Worker) => {
    worker.streams -= 1;
    if (worker.streams > 0) return;
    worker.idle = setTimeout(() => forget(worker), timings.framesIdleMs);
    worker.idle.unref();
  };
  return {
    async enter({ address }: Pick<InferenceOrder, "address">): Promise<FrameRoad> {
      const worker = findWorker(address);
      clearTimeout(worker.idle);
      worker.streams += 1;
      const connection = worker.streams > 1 ? await connect(worker) : undefined;
      const shared = connection?.openChannel();
      let isLeft = false;
      return {
        shared,
        leave() {
          if (isLeft) return;
          isLeft = true;
          shared?.channel.close();
          depart(worker);
        },
      };
    },
  };
}
