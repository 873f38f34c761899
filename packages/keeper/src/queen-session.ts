import { RbeeError, timings } from "@rbee/contract";
import type { QueenHealth } from "@rbee/contract";
import { createQueenClient, TransportError } from "@rbee/sdk";
import type { QueenClient } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import { readSecretFile } from "@rbee/settings";
import { join } from "node:path";
import { ensureQueen } from "./ensure-queen.ts";
import type { Keeper } from "./keeper.ts";
import { isLoopbackUrl } from "./queen-url.ts";
import { readLogTail } from "./read-log-tail.ts";
import { stopQueen } from "./stop-queen.ts";
import { traceCommand } from "./trace-command.ts";

/** A queen that answers, for the length of one command. */
export interface QueenSession {
  readonly url: string;
  readonly health: QueenHealth;
  readonly call: QueenClient["call"];
  readonly stream: QueenClient["stream"];
}

interface SessionOptions {
  /** `--ephemeral`; the configuration can say it for every command. */
  readonly isEphemeral?: boolean;
}

/**
 * Runs a part of a command with a queen, which is started when none answers. An ephemeral queen
 * that was started for it is gone when this returns or throws.
 */
export async function withQueen<Result>(
  keeper: Keeper,
  run: (queen: QueenSession) => Promise<Result>,
  { isEphemeral = false }: SessionOptions = {},
): Promise<Result> {
  const { settings, queenUrl: url } = keeper.configuration();
  const isOwner = isEphemeral || settings.keeper.ephemeral;
  return await traceCommand(keeper, async (traceparent) => {
    const { health, exited } = await ensureQueen(keeper, { url, isEphemeral: isOwner });
    const client = openQueenClient(keeper, url);
    try {
      return await run(createSession(keeper, client, { url, health, traceparent }));
    } finally {
      if (exited !== undefined) await endQueen(keeper, client, { exited, pid: health.pid });
    }
  });
}

/** A client with the person's key. */
export function openQueenClient(keeper: Keeper, url: string): QueenClient {
  const { configuration, environment } = keeper;
  return createQueenClient({
    baseUrl: url,
    fetch: nodeFetch,
    // Looked for anew each time: the file may appear while a command runs.
    key() {
      const { keyFile } = configuration();
      return keyFile === undefined ? undefined : readSecretFile(keyFile, environment);
    },
  });
}

interface Started {
  readonly exited: Promise<void>;
  readonly pid: number;
}

async function endQueen(
  keeper: Keeper,
  client: QueenClient,
  { exited, pid }: Started,
): Promise<void> {
  keeper.story.narrate({
    action: "queen-stop",
    human: "stopping queen-rbee and all that it started",
    cute: "🌙 stopping queen-rbee and all that it started",
  });
  let isGone = false;
  void exited.then(() => (isGone = true));
  const { correlationId, story } = keeper;
  await stopQueen({ client, correlationId, onStory: story.show, isGone: () => isGone, pid });
}

// Keep-alives that may be missing in a row on streams that are not tokens.
const quietMaxMs = timings.keepAliveMs * timings.heartbeatsMissedMax;

// The stream of an operation has no tokens; that it broke says something about the queen only.
function brokenOperation(error: unknown): unknown {
  if (RbeeError.is(error, "SSE_CLOSED") || RbeeError.is(error, "CONNECTION_LOST")) {
    return new TransportError("reset", "her stream broke off", { cause: error });
  }
  return error;
}

interface SessionInput extends Pick<QueenSession, "url" | "health"> {
  /** Of the whole command, so that all that is done for it is one trace. */
  readonly traceparent: string | undefined;
}

function createSession(
  keeper: Keeper,
  client: QueenClient,
  { url, health, traceparent }: SessionInput,
): QueenSession {
  const usual = {
    traceparent,
    correlationId: keeper.correlationId,
    signal: keeper.interrupts.signal,
    // A queen may have to reach another machine before it can answer.
    timeoutMs: timings.queenAnswerTimeoutMs,
  };
  return {
    url,
    health,
    call: async (name, options) => {
      try {
        return await client.call(name, { ...usual, ...options });
      } catch (error) {
        throw translate(keeper, url, error);
      }
    },
    stream: async (name, options) => {
      try {
        const events = await client.stream(name, { ...usual, silenceMs: quietMaxMs, ...options });
        return translated(events, (error) =>
          translate(keeper, url, name === "createTask" ? error : brokenOperation(error)),
        );
      } catch (error) {
        throw translate(keeper, url, error);
      }
    },
  };
}

async function* translated<Event>(
  events: AsyncGenerator<Event, void, void>,
  translateError: (error: unknown) => unknown,
): AsyncGenerator<Event, void, void> {
  try {
    yield* events;
  } catch (error) {
    throw translateError(error);
  }
}

function translate(keeper: Keeper, url: string, error: unknown): unknown {
  if (!(error instanceof TransportError)) return error;
  const log = join(keeper.configuration().paths.logs, "queen.log");
  const last_lines = isLoopbackUrl(url) ? readLogTail(log, { fromByte: 0, linesMax: 5 }) : [];
  const status = error.status === undefined ? "" : ` (status ${error.status})`;
  const reason = `${error.message}${status}`;
  return new RbeeError("QUEEN_UNREACHABLE", { url, reason, last_lines }, { cause: error });
}
