import type { Metrics } from "@rbee/daemon";
import { Counter, Gauge, Histogram } from "prom-client";
import type { InferenceMeter, WorkerStatus } from "./ports.ts";

type Registry = Metrics["registry"];

const secondsBuckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300];

/** What this worker computes, as figures for `/metrics`. Labels are stop reasons and codes. */
export function createInferenceMeter(
  registry: Registry,
  status: () => WorkerStatus,
): InferenceMeter {
  const counters = createCounters(registry);
  const histograms = createHistograms(registry);
  const loading = new Gauge({
    name: "rbee_worker_model_load_duration_seconds",
    help: "How long this worker took to bring its model into memory.",
    registers: [registry],
  });
  addStatusGauges(registry, status);
  return {
    noteFirstToken: (seconds) => histograms.firstToken.observe(seconds),
    noteEnd({ outcome, promptTokens, cachedTokens, tokens, decodeSeconds }) {
      counters.requests.inc({ outcome });
      counters.prompted.inc(promptTokens);
      counters.cached.inc(cachedTokens);
      counters.generated.inc(tokens);
      if (tokens > 0) histograms.decoding.observe(decodeSeconds);
    },
    noteRefusal: (code) => counters.refusals.inc({ code }),
    noteStep(tokens, seconds) {
      histograms.stepTokens.observe(tokens);
      histograms.stepSeconds.observe(seconds);
    },
    noteLoaded: (seconds) => loading.set(seconds),
  };
}

function createCounters(registry: Registry) {
  const registers = [registry];
  const refusals = new Counter({
    name: "rbee_worker_refusals_total",
    help: "Requests that got no slot, by the code of the refusal.",
    labelNames: ["code"],
    registers,
  });
  refusals.inc({ code: "ALL_SLOTS_BUSY" }, 0);
  return {
    refusals,
    generated: new Counter({
      name: "rbee_worker_generated_tokens_total",
      help: "Tokens generated, once their request has ended.",
      registers,
    }),
    prompted: new Counter({
      name: "rbee_worker_prompt_tokens_total",
      help: "Tokens of prompts that were answered, those from a cache included.",
      registers,
    }),
    cached: new Counter({
      name: "rbee_worker_cached_prompt_tokens_total",
      help: "Tokens of prompts that did not have to be read again.",
      registers,
    }),
    requests: new Counter({
      name: "rbee_worker_requests_total",
      help: "Requests that were computed, by stop reason or error code.",
      labelNames: ["outcome"],
      registers,
    }),
  };
}

function createHistograms(registry: Registry) {
  const registers = [registry];
  return {
    firstToken: new Histogram({
      name: "rbee_worker_time_to_first_token_seconds",
      help: "From the request to its first token.",
      buckets: secondsBuckets,
      registers,
    }),
    decoding: new Histogram({
      name: "rbee_worker_decode_duration_seconds",
      help: "From the first token of a request to its last.",
      buckets: secondsBuckets,
      registers,
    }),
    stepTokens: new Histogram({
      name: "rbee_worker_step_tokens",
      help: "Tokens that the engine computed in one step, for all slots together.",
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
      registers,
    }),
    stepSeconds: new Histogram({
      name: "rbee_worker_step_duration_seconds",
      help: "How long one step of the engine took.",
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
      registers,
    }),
  };
}

function addStatusGauges(registry: Registry, status: () => WorkerStatus): void {
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
  addGauge(
    "rbee_worker_memory_bytes",
    "Memory that model and program hold.",
    () => status().memoryBytes,
  );
}
