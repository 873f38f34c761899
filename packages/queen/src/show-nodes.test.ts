import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeState } from "@rbee/contract";
import { createWorkerView } from "./domain/worker-view.ts";
import { showNodes } from "./show-nodes.ts";

const now = "2026-01-01T00:00:00.000Z";
const devices = {
  platform: "linux",
  architecture: "x64",
  cpu: { model: "cpu", cores: 2 },
  ram: { total_bytes: 1, available_bytes: 1 },
  disk: { path: "/", total_bytes: 1, available_bytes: 1 },
  gpus: [],
  backends: [],
};
const model = (id: string, size_bytes: number) => ({
  id,
  reference: id,
  size_bytes,
  architecture: null,
  quantization: null,
  context_length: null,
});

describe("the nodes as consoles see them", () => {
  it("say how many models are on the disk of each, and how large, while it is heard", () => {
    const names = ["localhost", "mac"];
    const view = createWorkerView(() => names);
    const models = [model("small", 100), model("large", 2000)];
    view.snapshot("mac", { version: "1.0.0", devices, workers: [], models }, now);
    const [local, mac] = showNodes(view);
    assert.equal(local?.models_on_disk, undefined);
    assert.deepEqual(mac?.models_on_disk, { count: 2, size_bytes: 2100 });
    assert.deepEqual(NodeState.parse(mac), mac);
    view.modelsChanged("mac", [model("small", 100)]);
    assert.deepEqual(showNodes(view)[1]?.models_on_disk, { count: 1, size_bytes: 100 });
    view.lost("mac", "gone", true);
    assert.deepEqual(
      [showNodes(view)[1]?.models_on_disk, showNodes(view)[1]?.hive_stopped],
      [undefined, true],
    );
  });
});
