import { join } from "node:path";
import type { Bench, Row } from "../section.ts";
import { findMedian, renderRange } from "../statistics.ts";

const readyMaxMs = 600;
const isIdle = /"state":"idle"/;

/** A worker without a hive, from its spawn until it says that it is ready. */
export async function measureWorkerStart(bench: Bench, installationRoot: string): Promise<Row[]> {
  const box = await bench.openBox({ installationRoot });
  const model = join(box.installation.models, "hello-bee/hello-bee-3m-q8_0.gguf");
  const words = ["--worker-id", "worker-bench", "--model", model, "--model-ref", "hello-bee"];
  words.push("--backend", "cpu", "--device", "0", "--port", String(box.workerPortBase));
  const times: number[] = [];
  for (let round = 1; round <= bench.rounds; round += 1) {
    const run = await box.start("llm-worker-rbee", words);
    await run.waitForOutput({ stream: "stdout", pattern: isIdle });
    const said = run.pieces.find(({ stream, text }) => stream === "stdout" && isIdle.test(text));
    times.push(said?.atMs ?? Number.NaN);
    run.signal("SIGTERM");
    await run.ended;
  }
  await box.close();
  bench.tell(`worker: ${times.map(Math.round).join(" ")} ms`);
  return [
    {
      name: "a worker alone, spawn to ready with hello-bee",
      measured: `${renderRange(times, 0)} ms`,
      target: `<= ${readyMaxMs} ms`,
      isMet: findMedian(times) <= readyMaxMs,
    },
  ];
}
