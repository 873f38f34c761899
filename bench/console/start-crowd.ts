import { createServer, request } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { QueenEvent } from "@rbee/contract";
import type { Bench } from "../section.ts";

/**
 * The queen as she is, but for one thing: her live state tells of many more workers than one machine
 * can run, each a copy of hers with figures that change. Returns where it listens.
 */
export async function startCrowd(
  bench: Bench,
  queenPort: number,
  workerCount: number,
): Promise<string> {
  const server = createServer((asked, answer) => {
    void pass(asked, answer, { queenPort, workerCount }).catch(() => answer.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  bench.onEnd(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Crowd {
  readonly queenPort: number;
  readonly workerCount: number;
}

async function pass(
  asked: IncomingMessage,
  answer: ServerResponse,
  { queenPort, workerCount }: Crowd,
): Promise<void> {
  const { method, url: path, headers } = asked;
  const host = `127.0.0.1:${queenPort}`;
  const onward = request({
    host: "127.0.0.1",
    port: queenPort,
    method,
    path,
    headers: { ...headers, host },
  });
  answer.on("close", () => onward.destroy());
  asked.pipe(onward);
  const [response] = (await once(onward, "response")) as [IncomingMessage];
  answer.writeHead(response.statusCode ?? 502, response.headers);
  if (path !== "/v2/events") return pipeline(response, answer);
  return pipeline(response, createMultiplier(workerCount), answer);
}

const eventEnd = "\n\n";
const dataStart = "data: ";

function createMultiplier(workerCount: number): Transform {
  let rest = "";
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const events = (rest + chunk.toString("utf8")).split(eventEnd);
      rest = events.pop() ?? "";
      done(null, events.map((text) => `${multiply(text, workerCount)}${eventEnd}`).join(""));
    },
  });
}

function multiply(text: string, workerCount: number): string {
  if (!text.startsWith(dataStart)) return text;
  const event = JSON.parse(text.slice(dataStart.length)) as QueenEvent;
  if (event.type !== "state") return text;
  const [worker] = event.workers;
  if (worker === undefined) return text;
  const workers = Array.from({ length: workerCount }, (_, index) => ({
    ...worker,
    worker_id: `worker-${String(index).padStart(4, "0")}`,
    memory_bytes: worker.memory_bytes + Math.floor(Math.random() * worker.memory_bytes),
  }));
  return `${dataStart}${JSON.stringify({ ...event, workers })}`;
}
