// What rbee ships for Prometheus and Grafana, against a real Prometheus and a real run.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createQueenClient } from "@rbee/sdk";
import type { QueenClient } from "@rbee/sdk";
import { eventually } from "@rbee/testkit";
import {
  findMissingPrometheus,
  readDashboard,
  runPromtool,
  startPrometheus,
} from "./prometheus-fixture.ts";
import type { RunningPrometheus } from "./prometheus-fixture.ts";
import { openQueen } from "./scripted-queen-fixture.ts";
import type { QueenInBox } from "./scripted-queen-fixture.ts";

const skip = findMissingPrometheus();

describe("alerts and dashboard", { skip }, () => {
  it("are well formed, and every alert fires and is quiet when it should", () => {
    assert.equal(runPromtool(["check", "rules", "alerts.yml"]), "");
    assert.equal(runPromtool(["check", "config", "prometheus.yml"]), "");
    assert.equal(runPromtool(["test", "rules", "alerts.test.yml"]), "");
    const alerts = [...readOps("prometheus/alerts.yml").matchAll(/- alert: (\w+)/g)];
    const tests = readOps("prometheus/alerts.test.yml");
    for (const [, name] of alerts) {
      assert.match(tests, new RegExp(`name: ${name} fires`));
      assert.match(tests, new RegExp(`name: ${name} is quiet`));
    }
  });

  it("have panels that stand apart and say where their figures come from", () => {
    const { panels } = readDashboard();
    const taken = new Map<string, string>();
    for (const panel of panels) {
      const { x, y, w, h } = panel["gridPos"] as Record<"x" | "y" | "w" | "h", number>;
      assert.ok(x + w <= 24, panel.title);
      for (let cell = 0; cell < w * h; cell += 1) {
        const place = `${x + (cell % w)}/${y + Math.floor(cell / w)}`;
        assert.equal(taken.get(place), undefined, `${panel.title} lies on another panel`);
        taken.set(place, panel.title);
      }
      for (const target of panel.targets ?? []) {
        const { datasource } = target as unknown as { datasource: { uid: string } };
        assert.equal(datasource.uid, "${datasource}", panel.title);
      }
    }
    const ids = panels.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it("give figures in a real Prometheus, expression by expression", async () => {
    await using box = await openQueen({ settings: { worker: { slots: 1 } } });
    showGpus(box);
    await requireAnswer(box);
    await using prometheus = await startPrometheus(box.box);
    const client = await makeHistory(box, prometheus);
    const expressions = listExpressions(await prometheus.rules());
    assert.ok(expressions.length > 60, `${expressions.length} expressions`);
    await requireFigures(prometheus, client, expressions);
    for (const { name, health, lastError } of await prometheus.rules()) {
      assert.equal(health, "ok", `${name}: ${lastError}`);
    }
  });
});

describe("the pages of metrics", () => {
  it("are closed and opened again while queen and hive run", async () => {
    await using box = await openQueen({ script: [] });
    await box.ask().ended;
    const { queenPort, hivePort } = box.box;
    const statuses = async () =>
      await Promise.all(
        [queenPort, hivePort].map(
          async (port) => (await fetch(`http://127.0.0.1:${port}/metrics`)).status,
        ),
      );
    assert.deepEqual(await statuses(), [200, 200]);
    box.box.configure({ queen: { metrics: "off" }, hive: { metrics: "off" } });
    for (const pid of [box.box.queenPid(), box.box.hivePid()]) {
      if (pid !== undefined) box.box.signal(pid, "SIGHUP");
    }
    await eventually(async () => (await statuses()).every((status) => status === 404));
  });

  it("have names as Prometheus wants them, of all programs", { skip }, async () => {
    await using box = await openQueen();
    await requireAnswer(box);
    for (const port of [box.box.queenPort, box.box.hivePort]) {
      const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      assert.equal(runPromtool(["check", "metrics"], page), "");
    }
    const hive = await (await fetch(`http://127.0.0.1:${box.box.hivePort}/metrics`)).text();
    assert.match(
      hive,
      /^rbee_worker_generated_tokens_total\{program="llm-worker-rbee",port="\d+",model="hello-bee"\} 4$/m,
    );
  });
});

async function requireAnswer(box: QueenInBox): Promise<void> {
  const last = (await box.ask({ max_tokens: 4 }).ended).at(-1);
  assert.equal(last?.type, "done", JSON.stringify(last));
}

function readOps(path: string): string {
  return readFileSync(join(import.meta.dirname, "../../../ops", path), "utf8");
}

// A vendor's tool as it answers on a machine with two GPUs; the hive asks it as it always does.
function showGpus({ box }: QueenInBox): void {
  const recorded = join(
    import.meta.dirname,
    "../../hive/src/device/__fixtures__/nvidia-smi-two-gpus.csv",
  );
  const script = `#!/bin/sh\ncat ${recorded}\n`;
  writeFileSync(join(box.binaries, "nvidia-smi"), script, { mode: 0o755 });
}

/** What an operator would see in a bad hour: refusals, a crash, a new worker, a key. */
async function makeHistory(box: QueenInBox, prometheus: RunningPrometheus): Promise<QueenClient> {
  const isScraped = async (expression: string) => (await prometheus.query(expression)).length > 0;
  await eventually(() => isScraped('up{job="rbee-hives"} == 1'), { timeoutMs: 20_000 });
  await box.ask({ model: "file:/no/such/model.gguf" }).ended.catch(() => {});
  const { key } = await box.queen.call("createKey", { body: { name: "laptop" } });
  const client = createQueenClient({
    baseUrl: `http://127.0.0.1:${box.box.queenPort}`,
    key: () => key,
  });
  const worker = box.box.processes().find(({ program }) => program === "llm-worker-rbee");
  assert.ok(worker !== undefined);
  await eventually(() => isScraped("rbee_worker_slots"), { timeoutMs: 20_000 });
  box.box.signal(worker.pid, "SIGKILL");
  await eventually(() => isScraped('rbee_queen_worker_ends_total{reason="crashed"} == 1'), {
    timeoutMs: 20_000,
  });
  return client;
}

interface Expression {
  readonly where: string;
  readonly text: string;
}

// Grafana fills in the variables; a comparison of an alert is true only in bad times, so what is
// compared is looked at.
function listExpressions(rules: Awaited<ReturnType<RunningPrometheus["rules"]>>): Expression[] {
  const dashboard = readDashboard();
  const fromPanels = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: `panel ${title}`, text: expr })),
  );
  const fromNotes = dashboard.annotations.list.flatMap(({ expr }) =>
    expr === undefined ? [] : [{ where: "annotation", text: expr }],
  );
  const fromRules = rules.map(({ name, query }) => ({ where: `alert ${name}`, text: query }));
  return [...fromPanels, ...fromNotes, ...fromRules].flatMap(({ where, text }) =>
    fillIn(text)
      .split(/\s+and\s+/)
      .map((part) => ({ where, text: part.replace(/\s*(?:[=!]=|[<>]=?)\s*[\d.]+\s*$/, "") })),
  );
}

function fillIn(expression: string): string {
  return expression
    .replaceAll("$__rate_interval", "1m")
    .replaceAll("$__interval", "15s")
    .replaceAll("$__range", "2m")
    .replaceAll("$node", ".*")
    .replaceAll("$model", ".*");
}

// Requests go on meanwhile, two at a time for one slot, so that one of them waits in the queue.
async function requireFigures(
  prometheus: RunningPrometheus,
  client: QueenClient,
  expressions: readonly Expression[],
): Promise<void> {
  const open = new Map(expressions.map(({ where, text }) => [`${where}: ${text}`, text]));
  const isDone = async () => {
    await Promise.all([askOnce(client), askOnce(client), askWrongly(client)]);
    for (const [name, text] of open) {
      const found = await prometheus.query(text);
      if (found.some(({ value }) => Number.isFinite(Number(value[1])))) open.delete(name);
    }
    return open.size === 0;
  };
  await eventually(isDone, { timeoutMs: 30_000, intervalMs: 500 }).catch(() => {});
  assert.deepEqual([...open.keys()], [], "these gave no figure");
}

async function askWrongly(client: QueenClient): Promise<void> {
  const body = { prompt: "Once upon a time", max_tokens: -1 };
  await assert.rejects(client.stream("createTask", { body }));
}

async function askOnce(client: QueenClient): Promise<void> {
  const body = { prompt: "Once upon a time", max_tokens: 12 };
  for await (const event of await client.stream("createTask", { body })) {
    if (event.type === "error") throw new Error(event.error.message);
  }
}
