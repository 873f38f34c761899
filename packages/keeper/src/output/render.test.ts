import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Narration, ProgressEvent, QueenWorker } from "@rbee/contract";
import { formatBytes, formatLocalTime, formatSeconds, formatWaitSeconds } from "./figures.ts";
import { renderLogLine } from "./render-log-line.ts";
import { renderNarration } from "./render-narration.ts";
import { progressStep, renderBar, renderProgress } from "./render-progress.ts";
import { renderFields, renderTable } from "./render-table.ts";
import { renderWorkers } from "./render-workers.ts";
import { safeText } from "./safe-text.ts";

const megabyte = 1_048_576;

function downloading(downloaded: number, total: number): ProgressEvent {
  return {
    type: "progress",
    stage: "downloading",
    bytes_downloaded: downloaded * megabyte,
    bytes_total: total * megabyte,
    speed_mbps: 1.25,
    eta_seconds: 3,
  };
}

describe("figures", () => {
  it("count a megabyte as 1,048,576 bytes", () => {
    assert.equal(formatBytes(2 * megabyte), "2.0 MB");
    assert.equal(formatBytes(1536 * megabyte), "1.5 GB");
  });

  it("show the two largest units of a time", () => {
    assert.equal(formatSeconds(0.2), "0 s");
    assert.equal(formatSeconds(8), "8 s");
    assert.equal(formatSeconds(200), "3 min 20 s");
    assert.equal(formatSeconds(3600), "1 h");
    assert.equal(formatSeconds(2 * 86_400 + 3 * 3600 + 59), "2 d 3 h");
  });

  it("say 1 second but 2 seconds", () => {
    assert.deepEqual([1000, 2000, 4000].map(formatWaitSeconds), [
      "1 second",
      "2 seconds",
      "4 seconds",
    ]);
  });

  it("show local time to the second, and never for none", () => {
    assert.equal(formatLocalTime(new Date(2026, 10, 3, 4, 5, 6)), "2026-11-03 04:05:06");
    assert.equal(formatLocalTime(null), "never");
  });
});

describe("a progress bar", () => {
  it("has twenty cells, percent, megabytes of megabytes, speed and the time left", () => {
    assert.equal(
      renderProgress(downloading(2, 5), false),
      "Downloading [████████░░░░░░░░░░░░] 40% (2.0 MB / 5.0 MB) 1.3 MB/s ETA 3 s",
    );
  });

  it("is drawn in ASCII where emoji are unwanted", () => {
    assert.equal(renderBar(0.5, true), "[##########----------]");
    assert.equal(renderBar(1.5, true), `[${"#".repeat(20)}]`);
  });

  it("counts layers while a model loads", () => {
    const event = {
      type: "progress",
      stage: "loading_to_vram",
      layers_loaded: 28,
      layers_total: 32,
      vram_mb: 700,
    } as const;
    assert.equal(
      renderProgress(event, true),
      "Loading [##################--] 87% (28/32 layers, 700.0 MB)",
    );
  });

  it("tells a retry with its number, delay and reason", () => {
    const event = {
      type: "progress",
      stage: "retrying",
      attempt: 2,
      of: 6,
      delay_ms: 100,
      reason: "connection reset",
    } as const;
    assert.equal(renderProgress(event, true), "Retrying: attempt 2/6 in 100 ms (connection reset)");
  });

  it("changes its step with every tenth part", () => {
    assert.equal(progressStep(downloading(1, 100)), progressStep(downloading(9, 100)));
    assert.notEqual(progressStep(downloading(9, 100)), progressStep(downloading(10, 100)));
  });
});

describe("narration", () => {
  const event: Narration = {
    type: "narration",
    actor: "rbee-hive",
    action: "spawn",
    human: "starting a worker",
    cute: "🐝 starting a worker",
    level: "info",
  };
  const fancy = { isPlain: false, hasColor: false, isVerbose: false };

  it("is an actor, an emoji and a text", () => {
    assert.equal(renderNarration(event, fancy), "[rbee-hive] 🐝 starting a worker");
  });

  it("has no emoji when it is plain", () => {
    assert.equal(
      renderNarration(event, { ...fancy, isPlain: true }),
      "[rbee-hive] starting a worker",
    );
  });

  it("keeps debug lines for those who want everything", () => {
    const debug = { ...event, level: "debug" } as const;
    assert.equal(renderNarration(debug, fancy), undefined);
    assert.match(renderNarration(debug, { ...fancy, isVerbose: true }) ?? "", /starting/);
  });

  it("is one line without escape sequences, whoever wrote it", () => {
    const hostile = { ...event, cute: "a\u001b]0;title\u0007\nb" };
    assert.equal(renderNarration(hostile, fancy), "[rbee-hive] a]0;title b");
  });
});

describe("text for a terminal", () => {
  it("keeps tabs, line ends and every letter, and loses control characters", () => {
    assert.equal(safeText("a\tb\nc\u001b[31mä🐝\u0000\u009b"), "a\tb\nc[31mä🐝");
  });
});

describe("a line of a log", () => {
  it("tells a person when, how serious, who and what", () => {
    const line =
      '{"level":"info","time":"2026-11-23T13:01:39.831Z","program":"queen-rbee","pid":7,' +
      '"actor":"queen-rbee","correlation_id":"c","tokens_out":3,"msg":"Generated 3 tokens"}';
    const shown = renderLogLine(line);
    assert.match(
      shown,
      /^2026-11-2\d \d\d:\d\d:39 info {2}\[queen-rbee\] Generated 3 tokens tokens_out=3$/,
    );
  });

  it("that is a worker's narration is told as such", () => {
    const narration = {
      type: "narration",
      actor: "engine",
      action: "x",
      human: "hm",
      level: "info",
    };
    assert.equal(renderLogLine(JSON.stringify({ narration })), "info  [engine] hm");
  });

  it("of another form stays as it is, without escape sequences", () => {
    assert.equal(renderLogLine("plain \u001b[31mwords"), "plain [31mwords");
    assert.equal(renderLogLine("null"), "null");
  });
});

describe("tables", () => {
  it("stand in columns", () => {
    const columns = [
      { heading: "NAME", cell: (row: { name: string; size: number }) => row.name },
      {
        heading: "SIZE",
        cell: (row: { size: number }) => String(row.size),
        align: "right" as const,
      },
    ];
    const rows = [
      { name: "a", size: 1 },
      { name: "longer", size: 1000 },
    ];
    assert.deepEqual(renderTable(columns, rows), ["NAME    SIZE", "a          1", "longer  1000"]);
  });

  it("put values below each other", () => {
    assert.deepEqual(
      renderFields([
        ["Id", "x"],
        ["Longer", "y"],
      ]),
      ["Id:      x", "Longer:  y"],
    );
  });

  it("of workers show what scenario 59 asks for, and idle time only for the idle", () => {
    const worker: QueenWorker = {
      worker_id: "w1",
      node: "mac",
      url: "http://127.0.0.1:8001",
      state: "idle",
      model_ref: "hello-bee",
      backend: "cpu",
      device: 0,
      slots_total: 4,
      slots_available: 3,
      memory_bytes: 50 * megabyte,
      last_activity: "2026-11-23T12:00:00.000Z",
      pid: 7,
    };
    const now = new Date("2026-11-23T12:01:30.000Z");
    const busy: QueenWorker = { ...worker, worker_id: "w2", state: "busy" };
    const [heading = "", first = "", second = ""] = renderWorkers([worker, busy], now);
    assert.match(heading, /ID +NODE +STATE +MODEL +BACKEND:DEVICE/);
    assert.match(first, /w1 +mac +idle +hello-bee +cpu:0 +3\/4 +50\.0 MB +1 min 30 s +http/);
    assert.match(second, /w2 +mac +busy .* - +http/);
    assert.deepEqual(renderWorkers([], now), ["No workers."]);
  });
});
