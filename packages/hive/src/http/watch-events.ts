import type { HiveEvent } from "@rbee/contract";
import type { LiveEvent } from "../ports.ts";
import { devicesToWire } from "./devices-to-wire.ts";
import type { HiveHandler, HttpWorld } from "./http-world.ts";
import { requireOwnQueen } from "./require-own-queen.ts";
import { workerToWire } from "./worker-to-wire.ts";

/** The stream that the queen keeps open: a snapshot, every change after it, a heartbeat. */
export function watchEvents(world: HttpWorld): HiveHandler<"events"> {
  const { pool, devices, identity, lease } = world;
  return async ({ query, signal, stream }) => {
    if (query.queen !== undefined) requireOwnQueen(world, query.queen);
    const detected = devicesToWire(await devices.detect(signal));
    return stream(async ({ send, signal: readerGone }) => {
      const closeLease = query.queen === undefined ? () => {} : lease.openStream();
      // Between these two lines nothing may wait, or a change would be missed or told twice.
      const changes = pool.subscribe();
      const workers = pool.list().map(workerToWire);
      const heartbeat = setInterval(
        () => void send({ type: "heartbeat", time: new Date().toISOString() }),
        world.heartbeatMs(),
      );
      try {
        const { node, version } = identity;
        await send({ type: "snapshot", node, version, workers, devices: detected });
        for await (const change of changes.read(readerGone)) await send(eventToWire(change));
      } finally {
        clearInterval(heartbeat);
        changes.close();
        closeLease();
      }
    });
  };
}

function eventToWire(event: LiveEvent): HiveEvent {
  if (event.type === "worker") return { type: "worker", worker: workerToWire(event.worker) };
  if (event.type === "narration") return event;
  return {
    type: "worker-gone",
    worker_id: event.workerId,
    reason: event.reason,
    exit_code: event.exitCode,
    signal: event.signal,
  };
}
