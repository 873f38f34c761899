// What hives tell, for the tests of the view and of what looks at it.
import type { DevicesOnWire } from "@rbee/contract";
import type { ViewWorker } from "./view-worker.ts";

export const toldDevices: DevicesOnWire = {
  platform: "linux",
  architecture: "x64",
  cpu: { model: "cpu", cores: 2 },
  ram: { total_bytes: 2000, available_bytes: 1000 },
  disk: { path: "/", total_bytes: 2000, available_bytes: 1000 },
  gpus: [],
  backends: ["cpu"],
};

export const toldWorker: ViewWorker = {
  id: "w1",
  node: "localhost",
  url: "http://127.0.0.1:1",
  state: "idle",
  model: "hello-bee",
  backend: "cpu",
  device: 0,
  slotsTotal: 2,
  slotsAvailable: 2,
  context: 2048,
  memoryBytes: 1,
  lastActivity: null,
  pid: 1,
};
