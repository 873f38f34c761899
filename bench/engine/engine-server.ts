// The engine alone behind the smallest HTTP server there can be: what the engine costs, before the
// worker's own routes. Run as a program:
// `node engine-server.ts <model> <slots> <context> [threads]`.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Engine, GenerateEvent } from "../../packages/worker/src/engine.ts";
import { openEngine } from "../../packages/worker/src/engine/llama-engine.ts";

interface Body {
  readonly prompt: string;
  readonly max_tokens: number;
  readonly temperature: number;
  readonly top_k: number;
  readonly top_p: number;
  readonly min_p: number;
  readonly seed: number;
}

const [modelPath = "", slots = "1", contextSize = "2048", threads] = process.argv.slice(2);
const engine = await openEngine({
  modelPath,
  backend: "cpu",
  device: 0,
  slots: Number(slots),
  contextSize: Number(contextSize),
  ...(threads === undefined ? {} : { threads: Number(threads) }),
  onProgress: () => undefined,
  signal: new AbortController().signal,
});
let busy = 0;
const server = createServer((request, response) => {
  void answer(engine, request, response);
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`);
});

async function answer(
  running: Engine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (busy >= running.slotsTotal) {
    response.writeHead(503).end("busy");
    return;
  }
  busy += 1;
  try {
    await stream(running, request, response);
  } finally {
    busy -= 1;
  }
}

async function stream(
  running: Engine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Body;
  const controller = new AbortController();
  response.on("close", () => controller.abort());
  const prepared = await running.preparePrompt({ text: body.prompt });
  if (!prepared.fits) {
    response.writeHead(400).end("too long");
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const events = running.generate({
    promptTokens: prepared.tokens,
    maxTokens: body.max_tokens,
    stop: [],
    signal: controller.signal,
    sampling: {
      temperature: body.temperature,
      topK: body.top_k,
      topP: body.top_p,
      minP: body.min_p,
      seed: body.seed,
      repetitionPenalty: 1,
      frequencyPenalty: 0,
      presencePenalty: 0,
    },
  });
  for await (const event of events) response.write(`data: ${JSON.stringify(toWire(event))}\n\n`);
  response.end("data: [DONE]\n\n");
}

function toWire(event: GenerateEvent): unknown {
  if (event.type !== "started") return event;
  return { type: "started", prompt_tokens: event.promptTokens, cached_tokens: event.cachedTokens };
}
