import assert from "node:assert/strict";
import { RbeeError } from "@rbee/contract";
import type { CreateKeyRequest, ErrorCode, TaskEvent, TaskRequest } from "@rbee/contract";
import { createQueenClient } from "@rbee/sdk";
import type { QueenClient } from "@rbee/sdk";
import { openQueen } from "./scripted-queen-fixture.ts";
import type { Asked, QueenInBox } from "./scripted-queen-fixture.ts";

/** Who has a key of the queen. */
export interface KeyHolder {
  readonly id: string;
  readonly key: string;
  readonly client: QueenClient;
  readonly ask: (request?: Partial<TaskRequest>) => Asked;
  /** Any request at all, as a program would send it. */
  readonly send: (method: string, path: string, body?: object) => Promise<Response>;
}

/** A queen whose workers write a token every 50 ms. */
export const openSlowQueen = (settings = {}): Promise<QueenInBox> =>
  openQueen({ script: ["--token-ms", "50"], settings });

export async function makeKey(
  { box, queen }: QueenInBox,
  request: Partial<CreateKeyRequest> = {},
): Promise<KeyHolder> {
  const body = { name: `key-${Math.random().toString(36).slice(2)}`, ...request };
  const { id, key } = await queen.call("createKey", { body });
  const baseUrl = `http://127.0.0.1:${box.queenPort}`;
  const client = createQueenClient({ baseUrl, key: () => key });
  return {
    id,
    key,
    client,
    ask: (task) => ask(client, task),
    send: (method, path, content) =>
      fetch(`${baseUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        ...(content === undefined ? {} : { body: JSON.stringify(content) }),
      }),
  };
}

function ask(client: QueenClient, request: Partial<TaskRequest> = {}): Asked {
  const events: TaskEvent[] = [];
  const read = async () => {
    const body = { prompt: "Once upon a time", max_tokens: 20, ...request };
    for await (const event of await client.stream("createTask", { body })) events.push(event);
    return events;
  };
  const ended = read();
  // A test that looks at the events first hears of the failure when it asks for the end.
  ended.catch(() => {});
  return { events, ended };
}

export function isCode(code: ErrorCode) {
  return (error: unknown) => {
    assert.ok(RbeeError.is(error), String(error));
    assert.equal(error.code, code);
    return true;
  };
}

/** The body of an error in OpenAI's shape. */
export async function errorIn(response: Response) {
  const { error } = (await response.json()) as {
    error: { code: string; type: string; message: string; details: Record<string, unknown> };
  };
  return error;
}
