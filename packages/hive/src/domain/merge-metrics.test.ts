import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mergeMetrics } from "./merge-metrics.ts";

const page = (tokens: number) => `# HELP process_cpu_seconds_total CPU.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total{program="w"} 3

# HELP rbee_worker_tokens_total Tokens.
# TYPE rbee_worker_tokens_total counter
rbee_worker_tokens_total{program="w"} ${tokens}

# HELP rbee_worker_slots Slots.
# TYPE rbee_worker_slots gauge
rbee_worker_slots 4
`;

describe("metrics of several programs on one page", () => {
  it("keep each family together, with labels that tell the programs apart", () => {
    const merged = mergeMetrics(
      [
        { labels: { port: "8001", model: "hello-bee" }, text: page(7) },
        { labels: { port: "8002", model: 'file:/a "b"\\c' }, text: page(9) },
      ],
      "rbee_worker_",
    );
    assert.equal(
      merged,
      [
        "# HELP rbee_worker_tokens_total Tokens.",
        "# TYPE rbee_worker_tokens_total counter",
        'rbee_worker_tokens_total{program="w",port="8001",model="hello-bee"} 7',
        'rbee_worker_tokens_total{program="w",port="8002",model="file:/a \\"b\\"\\\\c"} 9',
        "# HELP rbee_worker_slots Slots.",
        "# TYPE rbee_worker_slots gauge",
        'rbee_worker_slots{port="8001",model="hello-bee"} 4',
        'rbee_worker_slots{port="8002",model="file:/a \\"b\\"\\\\c"} 4',
        "",
      ].join("\n"),
    );
  });

  it("are nothing when nobody has any", () => {
    assert.equal(mergeMetrics([{ labels: {}, text: "<html>no metrics</html>" }], "rbee_"), "");
  });
});
