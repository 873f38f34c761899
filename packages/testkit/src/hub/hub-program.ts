#!/usr/bin/env node
// The hub as a program of its own, for tests that put it into another network namespace and for
// measurements: `hub-program.ts --host 10.0.0.1 --repository '{"name":...,"files":...}'`. It prints
// its addresses as one line of JSON and ends with its standard input. What comes on that input are
// lines of JSON: `{"faults":[...]}`, `{"publish":{...}}`, `{"counters":true}`; each is answered.
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { HubFault } from "./hub-faults.ts";
import type { HubRepositoryInput } from "./hub-repository.ts";
import { startHub } from "./start-hub.ts";

interface Order {
  readonly faults?: readonly HubFault[];
  readonly publish?: HubRepositoryInput;
  readonly counters?: true;
}

const { values: flags } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
    "cdn-port": { type: "string", default: "0" },
    repository: { type: "string", multiple: true, default: [] },
  },
});
const say = (value: unknown) => void process.stdout.write(`${JSON.stringify(value)}\n`);
const hub = await startHub({
  host: flags.host,
  port: Number(flags.port),
  cdnPort: Number(flags["cdn-port"]),
});
for (const text of flags.repository) await hub.publish(JSON.parse(text) as HubRepositoryInput);
say({ url: hub.url, cdnUrl: hub.cdnUrl });

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  if (order.publish !== undefined) say(await hub.publish(order.publish));
  if (order.faults !== undefined) {
    hub.faults.clear();
    hub.faults.add(order.faults);
    say({ faults: order.faults.length });
  }
  if (order.counters === true) {
    const { counters } = hub;
    say({ served: counters.served(), ranges: counters.ranges(), bytesSent: counters.bytesSent });
  }
}
await hub.close();
