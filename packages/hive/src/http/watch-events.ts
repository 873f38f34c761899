import { setTimeout as delay } from "node:timers/promises";
import { timings } from "@rbee/contract";
import type { HiveEvent, NodeModel } from "@rbee/contract";
import type { LiveEvent, ModelCatalogue } from "../ports.ts";
import { devicesToWire } from "./devices-to-wire.ts";
import type { HiveHandler, HttpWorld } from "./http-world.ts";
import { modelToWire } from "./model-to-wire.ts";
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
      const models = watchModels(world, (list) => send({ type: "models", models: list }));
      const known = await models.first;
      // Between these two lines nothing may wait, or a change would be missed or told twice.
      const changes = pool.subscribe();
      const workers = pool.list().map((worker) => workerToWire(worker));
      const heartbeat = setInterval(
        () => void send({ type: "heartbeat", time: new Date().toISOString() }),
        world.heartbeatMs(),
      );
      try {
        const { node, version } = identity;
        await send({
          type: "snapshot",
          node,
          version,
          workers,
          devices: detected,
          models: known,
        });
        models.begin();
        for await (const change of changes.read(readerGone)) await send(eventToWire(change));
      } finally {
        clearInterval(heartbeat);
        models.close();
        changes.close();
        closeLease();
      }
    });
  };
}

// A catalogue that cannot be read is no reason to be deaf to the workers: it is told as empty, and
// whoever asks for a model hears what is wrong with it.
function watchModels(
  { catalogue, logger }: Pick<HttpWorld, "catalogue" | "logger">,
  tell: (models: NodeModel[]) => unknown,
) {
  let hasBegun = false;
  let isStale = false;
  const refresh = () => {
    isStale = true;
    if (!hasBegun) return;
    isStale = false;
    void listNodeModels(catalogue)
      .then(tell)
      .catch((error: unknown) => logger.warn({ error }, "the catalogue cannot be told"));
  };
  const close = catalogue.watch(refresh);
  // A catalogue that is being made anew may take as long as reading all files: it is told later.
  const late = delay(timings.quietAttemptMs).then((): NodeModel[] => {
    isStale = true;
    return [];
  });
  const listed = listNodeModels(catalogue).catch((error: unknown): NodeModel[] => {
    logger.warn({ error }, "the catalogue cannot be told");
    return [];
  });
  return {
    first: Promise.race([listed, late]),
    /** The snapshot is sent: from here on changes are told, and one that came before it, too. */
    begin(): void {
      hasBegun = true;
      if (isStale) refresh();
    },
    close,
  };
}

async function listNodeModels(catalogue: ModelCatalogue): Promise<NodeModel[]> {
  return (await catalogue.list()).map((model) => {
    const { id, reference, size_bytes, architecture, quantization, ...rest } = modelToWire(model);
    const { context_length, downloaded_at_unix } = rest;
    const facts = { id, reference, size_bytes, architecture, quantization };
    return { ...facts, context_length, downloaded_at_unix };
  });
}

function eventToWire(event: LiveEvent): HiveEvent {
  if (event.type === "worker") return { type: "worker", worker: workerToWire(event.worker) };
  if (event.type === "narration" || event.type === "stopping") return event;
  return {
    type: "worker-gone",
    worker_id: event.workerId,
    reason: event.reason,
    exit_code: event.exitCode,
    signal: event.signal,
  };
}
