// Runs on blep: prints what the queen's live state says of nodes and workers, one line of JSON for
// each event, with the time of its arrival. Ends with the stream.
import { once } from "node:events";
import { get } from "node:http";
import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { QueenStateEvent } from "@rbee/contract";
import type { StateSeen } from "./state-watch.ts";

const [url = ""] = process.argv.slice(2);
const [response] = (await once(get(`${url}/v2/events`), "response")) as [IncomingMessage];
for await (const line of createInterface({ input: response })) {
  const atMs = Date.now();
  if (!line.startsWith("data: {")) continue;
  const event = QueenStateEvent.safeParse(JSON.parse(line.slice("data: ".length)));
  if (!event.success) continue;
  const { nodes, workers } = event.data;
  const seen: StateSeen = {
    atMs,
    nodes: Object.fromEntries(nodes.map(({ name, status }) => [name, status])),
    workers: workers.map(({ worker_id: id, node, state }) => ({ id, node, state })),
  };
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}
