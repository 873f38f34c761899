import { backends as knownBackends, sizes } from "@rbee/contract";
import type { BackendName } from "@rbee/contract";
import { availableGpuBytes, availableRamBytes } from "./available-memory.ts";
import { chooseDevice } from "./choose-device.ts";
import type { DeviceCandidate } from "./choose-device.ts";
import type { Fit, FitFacts, FitPlace, FitRefusal, FitRequest, Placement } from "./fit.ts";
import { findMeasured, requiredBytes } from "./required-bytes.ts";

// The fastest first; a GPU with one slot is better than a processor with four.
const gpuPreference: readonly BackendName[] = ["cuda", "rocm", "metal", "vulkan"];

interface Place extends DeviceCandidate {
  readonly backend: BackendName;
  readonly memory: "plain" | "gpu" | "unified";
}

/**
 * Decides where and how large a worker of a model is started, or why it is not:
 * 1. a backend that is named must be a known one, and one that this node has;
 * 2. a device that is named must exist;
 * 3. backends in order of preference, the processor last unless it is the only one asked for;
 * 4. on each: as many slots as were asked for, else the most up to four that fit;
 * 5. of the devices that fit, the one with the most free memory.
 */
export function fitModel(facts: FitFacts, request: FitRequest): Fit {
  const wanted = chooseBackends(facts, request.backend ?? facts.defaults.backend);
  if ("fits" in wanted) return wanted;
  const places = wanted.backends.flatMap((backend) => listPlaces(facts, backend));
  const { device } = request;
  const allowed = device === undefined ? places : places.filter(({ index }) => index === device);
  if (device !== undefined && allowed.length === 0) {
    return refuseDevice(facts, { device, backend: wanted.backends[0] ?? "cpu" });
  }
  const context = chooseContext(facts, request);
  const slotChoices = listSlotChoices(request.slots ?? facts.defaults.slots);
  for (const backend of wanted.backends) {
    const onBackend = allowed.filter((place) => place.backend === backend);
    const placement = placeOn(onBackend, facts, { slotChoices, context });
    if (placement !== undefined) return placement;
  }
  const slots = slotChoices.at(-1) ?? 1;
  return refuseMemory(facts, allowed, { slots, context });
}

/**
 * The memory that a request may be put into, with what it needs there at least; empty when
 * something else than memory stands against it.
 */
export function listFitPlaces(facts: FitFacts, request: FitRequest): readonly FitPlace[] {
  const wanted = chooseBackends(facts, request.backend ?? facts.defaults.backend);
  if ("fits" in wanted) return [];
  const context = chooseContext(facts, request);
  const slots = listSlotChoices(request.slots ?? facts.defaults.slots).at(-1) ?? 1;
  return wanted.backends
    .flatMap((backend) => listPlaces(facts, backend))
    .filter(({ index }) => request.device === undefined || index === request.device)
    .map(({ backend, index, availableMb, memory }) => ({
      backend,
      device: index,
      pool: memory === "gpu" ? `${backend}:${index}` : "ram",
      requiredMb: requiredMegabytes(facts, { backend, slots, context }),
      isMeasured: findMeasured(facts.measured ?? [], { backend, slots, context }) !== undefined,
      availableMb,
    }));
}

interface Run {
  readonly backend: BackendName;
  readonly slots: number;
  readonly context: number;
}

function requiredMegabytes(facts: FitFacts, run: Run): number {
  // 5000 MB x 1.2 is 6000 MB and not a rounding error more.
  return Math.ceil(requiredBytes(facts, run) / sizes.bytesPerMb - 1e-6);
}

function chooseBackends(
  facts: FitFacts,
  named: string | undefined,
): FitRefusal | { readonly backends: readonly BackendName[] } {
  const { programBackends } = facts;
  const usable = facts.devices.backends.filter(
    (name) =>
      (programBackends === undefined || programBackends.includes(name)) &&
      listPlaces(facts, name).length > 0,
  );
  if (named === undefined && usable.length > 0) {
    return { backends: usable.toSorted((one, other) => rank(one) - rank(other)) };
  }
  const backend = knownBackends.find((name) => name === named);
  if (named !== undefined && backend === undefined) {
    return { fits: false, code: "INVALID_BACKEND", details: { valid: [...knownBackends] } };
  }
  if (backend !== undefined && usable.includes(backend)) return { backends: [backend] };
  return {
    fits: false,
    code: "BACKEND_UNAVAILABLE",
    details: {
      backend: named ?? programBackends?.join(", ") ?? "any",
      available: [...usable],
      node: facts.node,
    },
  };
}

function rank(backend: BackendName): number {
  const position = gpuPreference.indexOf(backend);
  return position === -1 ? gpuPreference.length : position;
}

// The processor is device 0 of the backend `cpu`.
function listPlaces(facts: FitFacts, backend: BackendName): Place[] {
  if (backend === "cpu") {
    const availableMb = wholeMegabytes(availableRamBytes(facts));
    return [{ backend, index: 0, availableMb, memory: "plain" }];
  }
  return facts.devices.gpus
    .filter((gpu) => gpu.backend === backend)
    .map((gpu) => ({
      backend,
      index: gpu.index,
      availableMb: wholeMegabytes(availableGpuBytes(gpu, facts)),
      memory: gpu.hasUnifiedMemory ? ("unified" as const) : ("gpu" as const),
    }));
}

function wholeMegabytes(bytes: number): number {
  return Math.floor(bytes / sizes.bytesPerMb);
}

function chooseContext({ model }: FitFacts, request: FitRequest): number {
  return Math.min(request.context ?? sizes.contextDefault, model.contextLength ?? Infinity);
}

function listSlotChoices(asked: number | undefined): readonly number[] {
  if (asked !== undefined) return [asked];
  return Array.from({ length: sizes.slotsAuto }, (_, index) => sizes.slotsAuto - index);
}

interface RunChoices {
  readonly slotChoices: readonly number[];
  readonly context: number;
}

function placeOn(
  places: readonly Place[],
  facts: FitFacts,
  { slotChoices, context }: RunChoices,
): Placement | undefined {
  for (const slots of slotChoices) {
    const { backend = "cpu" } = places[0] ?? {};
    const requiredMb = requiredMegabytes(facts, { backend, slots, context });
    const place = chooseDevice(places, requiredMb);
    if (place !== undefined) {
      const { index: device, availableMb } = place;
      return { fits: true, backend, device, slots, context, requiredMb, availableMb };
    }
  }
  return undefined;
}

function refuseDevice(
  facts: FitFacts,
  { device, backend }: { readonly device: number; readonly backend: BackendName },
): FitRefusal {
  const valid = listPlaces(facts, backend).map(({ index }) => index);
  const details = { device, backend, valid, node: facts.node };
  return { fits: false, code: "DEVICE_NOT_AVAILABLE", details };
}

// Of several places the one that came closest is told; among equals the last, the processor. Where
// memory is unified, the processor's is the same memory, and is told as the GPU's.
function refuseMemory(
  facts: FitFacts,
  places: readonly Place[],
  run: Omit<Run, "backend">,
): FitRefusal {
  const isUnified = places.some(({ memory }) => memory === "unified");
  const told = isUnified ? places.filter(({ memory }) => memory === "unified") : places;
  const closest = told.reduce((best, place) =>
    best.availableMb > place.availableMb ? best : place,
  );
  const details = {
    node: facts.node,
    model: facts.model.reference,
    required: requiredMegabytes(facts, { ...run, backend: closest.backend }),
    available: closest.availableMb,
    device: `${closest.backend}:${closest.index}`,
  };
  if (closest.memory === "plain") return { fits: false, code: "INSUFFICIENT_RAM", details };
  return { fits: false, code: "VRAM_EXHAUSTED", details };
}
