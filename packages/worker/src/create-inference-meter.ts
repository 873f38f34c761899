import type { Metrics } from "@rbee/daemon";
import { Counter, Gauge, Histogram } from "prom-client";
import type { InferenceMeter, WorkerStatus } from "./ports.ts";

const secondsBuckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300];

/** What this worker computes, as figures for `/metrics`. Labels are stop reasons and codes. */
export function createInferenceMeter(
  { registry }: Metrics,
  status: () => WorkerStatus,
): InferenceMeter {
  const registers = [registry];
  const generated = new Counter({
    name: "rbee_worker_tokens_generated_total",
    help: "Tokens generated.",
    registers,
  });
  const prompted = new Counter({
    name: "rbee_worker_prompt_tokens_total",
    help: "Tokens of prompts that were answered, those from a cache included.",
    registers,
  });
  const requests = new Counter({
    name: "rbee_worker_requests_total",
    help: "Generations and embeddings, by stop reason or error code.",
    labelNames: ["outcome"],
    registers,
  });
  const firstToken = new Histogram({
    name: "rbee_worker_time_to_first_token_seconds",
    help: "From the request to its first token.",
    buckets: secondsBuckets,
    registers,
  });
  const decoding = new Histogram({
    name: "rbee_worker_decode_seconds",
    help: "From the first token of a request to its last.",
    buckets: secondsBuckets,
    registers,
  });
  addSlotGauges(registry, status);
  return {
    noteFirstToken: (seconds) => firstToken.observe(seconds),
    noteEnd({ outcome, promptTokens, tokens, decodeSeconds }) {
      requests.inc({ outcome });
      prompted.inc(promptTokens);
      generated.inc(tokens);
      if (tokens > 0) decoding.observe(decodeSeconds);
    },
  };
}

function addSlotGauges(registry: Metrics["registry"], status: () => WorkerStatus): void {
  const addGauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  addGauge(
    "rbee_worker_slots",
    "Requests that can be computed at once.",
    () => status().slotsTotal,
  );
  addGauge("rbee_worker_slots_busy", "Requests that are computed now.", () => status().slotsBusy);
}
