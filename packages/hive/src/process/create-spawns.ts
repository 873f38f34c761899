import { timings } from "@rbee/contract";
import type { RbeeError } from "@rbee/contract";
import { spawnKey } from "../domain/spawn-request.ts";
import type { SpawnAsking, SpawnRequest } from "../domain/spawn-request.ts";
import type { SpawnAnswer, SpawnEvent } from "../ports.ts";
import { bringUp } from "./bring-up.ts";
import type { BringUp } from "./bring-up.ts";
import { createStory } from "./create-story.ts";
import { createWorkerId } from "./place-worker.ts";
import { createSpeaker } from "./pool-world.ts";
import type { Spawn } from "./spawn.ts";

export interface SpawnOptions extends SpawnAsking {
  readonly restartCount?: number;
}

/** The spawns that run, and for some minutes the stories of those that are over. */
export interface Spawns {
  /** Joins the equal request that runs, or begins. */
  readonly begin: (request: SpawnRequest, options: SpawnOptions) => Spawn;
  readonly find: (workerId: string) => Spawn | undefined;
  readonly isRunning: (workerId: string) => boolean;
  /** Ends all that run with this error. */
  readonly endAll: (error: RbeeError) => void;
}

export function createSpawns(tools: BringUp): Spawns {
  const running = new Map<string, Spawn>();
  const told = new Map<string, Spawn>();

  const begin = (request: SpawnRequest, options: SpawnOptions): Spawn => {
    const key = spawnKey(request);
    const joined = running.get(key);
    if (joined !== undefined) return joined;
    const spawn = createSpawn(request, options, tools);
    running.set(key, spawn);
    told.set(spawn.workerId, spawn);
    void bringUp(spawn, tools).then(() => {
      running.delete(key);
      setTimeout(() => told.delete(spawn.workerId), timings.spawnStoryKeptMs).unref();
    });
    return spawn;
  };
  return {
    begin,
    find: (workerId) => told.get(workerId),
    isRunning: (workerId) => [...running.values()].some((spawn) => spawn.workerId === workerId),
    endAll: (error) => {
      for (const spawn of running.values()) spawn.control.abort(error);
    },
  };
}

function createSpawn(request: SpawnRequest, options: SpawnOptions, { world }: BringUp): Spawn {
  const story = createStory<SpawnEvent>();
  const { correlationId, traceparent: parent, restartCount = 0 } = options;
  const workerId = createWorkerId();
  const answerable = Promise.withResolvers<void>();
  // A restart has nobody who waits for its answer.
  answerable.promise.catch(() => {});
  return {
    workerId,
    trace: world.tracer.startSpan("spawn", {
      kind: "server",
      parent,
      attributes: {
        "gen_ai.request.model": request.reference.text,
        "rbee.node": world.node,
        "rbee.worker_id": workerId,
        restart: restartCount,
      },
    }),
    request,
    restartCount,
    correlationId,
    story,
    narrate: createSpeaker(world, { correlationId, emit: story.append }),
    control: new AbortController(),
    answerable,
    live: undefined,
  };
}

/** How a spawn stands now, for whoever asked for it. */
export function answerOf({ workerId, live }: Spawn): SpawnAnswer {
  if (live === undefined) return { workerId, url: null, state: "starting" };
  return { workerId, url: live.record.url, state: live.record.state };
}
