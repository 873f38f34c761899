import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sizes } from "@rbee/contract";
import type { QueenState } from "../../state/live-state.ts";
import { describeDisk } from "./describe-disk.ts";
import { listConcerns } from "./list-concerns.ts";

const gigabyte = 1024 * sizes.bytesPerMb;
type Node = QueenState["nodes"][number];

const devices: NonNullable<Node["devices"]> = {
  platform: "linux",
  architecture: "x64",
  cpu: { model: "cpu", cores: 4 },
  ram: { total_bytes: 16 * gigabyte, available_bytes: 8 * gigabyte },
  disk: { path: "/", total_bytes: 100 * gigabyte, available_bytes: 50 * gigabyte },
  gpus: [],
  backends: ["cpu"],
};
const node: Node = {
  name: "mac",
  status: "reachable",
  version: "1.0.0",
  devices,
  last_seen: null,
  last_error: null,
  hive_stopped: false,
};
const stateOf = (part: Partial<QueenState>): QueenState => ({
  type: "state",
  version: "1.0.0",
  uptime_s: 1,
  nodes: [node],
  workers: [],
  tasks: [],
  ...part,
});
const of = (change: Partial<Node>) =>
  listConcerns(stateOf({ nodes: [{ ...node, ...change }] })).map(
    ({ level, text, link }) => `${level} ${link.path} ${text}`,
  );

describe("what needs attention", () => {
  it("is nothing on a machine that is well, or asleep", () => {
    assert.deepEqual(of({}), []);
    assert.deepEqual(of({ status: "unreachable", hive_stopped: true, devices: null }), []);
  });

  it("is told with its figures, and where it is mended", () => {
    const unreachable = of({ status: "unreachable", last_error: "no route to host" });
    assert.deepEqual(unreachable, ["problem /nodes mac is not reached: no route to host"]);
    const disk = { ...devices.disk, available_bytes: gigabyte };
    assert.deepEqual(of({ devices: { ...devices, disk } }), [
      "warning /models The disk of mac is nearly full: 1.0 GB left",
    ]);
    const ram = { ...devices.ram, available_bytes: 100 * sizes.bytesPerMb };
    assert.deepEqual(of({ devices: { ...devices, ram } }), [
      "warning /workers mac has little memory left: 100 MB",
    ]);
    const tool_problems = [{ tool: "nvidia-smi", problem: "no driver" }];
    const [tool = ""] = of({ devices: { ...devices, tool_problems } });
    assert.match(tool, /^warning \/nodes nvidia-smi fails on mac.*no driver$/);
  });

  it("says why a request failed in words, also for a code that is not known here", () => {
    const said = (error_code: string | null) => {
      const task = { phase: "failed", model: "hello-bee", node: "mac", task_id: "t1", error_code };
      return listConcerns(stateOf({ tasks: [task as QueenState["tasks"][number]] }))[0]?.text;
    };
    const request = "A request for hello-bee on mac failed";
    assert.equal(said("SSE_CLOSED"), `${request}: stream closed early (SSE_CLOSED)`);
    assert.equal(said("OF_TOMORROW"), `${request} with OF_TOMORROW`);
    assert.equal(said(null), request);
  });

  it("has the worst first", () => {
    const disk = { ...devices.disk, available_bytes: 0 };
    const full = { ...node, name: "full", devices: { ...devices, disk } };
    const lost: Node = { ...node, name: "lost", status: "unreachable" };
    const levels = listConcerns(stateOf({ nodes: [full, lost] })).map(({ level }) => level);
    assert.deepEqual(levels, ["problem", "warning"]);
  });
});

describe("the disk of a machine", () => {
  it("says how many models are on it, and what is left", () => {
    const free = "50.0 GB of disk free";
    assert.equal(describeDisk({ devices }), free);
    const withModels = (count: number) =>
      describeDisk({ devices, models_on_disk: { count, size_bytes: count * gigabyte } });
    assert.equal(withModels(0), `No models on disk · ${free}`);
    assert.equal(withModels(1), `1 model on disk, 1.0 GB · ${free}`);
    assert.equal(withModels(3), `3 models on disk, 3.0 GB · ${free}`);
  });
});
