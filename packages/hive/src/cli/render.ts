import { sizes } from "@rbee/contract";
import type {
  DevicesOnWire,
  HiveHealth,
  HiveWorker,
  ModelDeleted,
  ModelOnWire,
} from "@rbee/contract";

function megabytes(bytes: number): string {
  return `${Math.round(bytes / sizes.bytesPerMb)} MB`;
}

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string[] {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_unused, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

export function healthLines(health: HiveHealth): string[] {
  return table([
    ["node", health.node],
    ["version", `v${health.version} (${health.api_version})`],
    ["started by", health.started_by],
    ["process", String(health.pid)],
  ]);
}

export function workerLines(workers: readonly HiveWorker[]): string[] {
  if (workers.length === 0) return ["No workers."];
  return table([
    ["ID", "STATE", "MODEL", "DEVICE", "SLOTS", "MEMORY", "URL"],
    ...workers.map((worker) => [
      worker.id,
      worker.state,
      worker.model_ref,
      `${worker.backend}:${worker.device}`,
      `${worker.slots_available}/${worker.slots_total}`,
      megabytes(worker.memory_bytes),
      worker.url ?? "-",
    ]),
  ]);
}

export function deviceLines({ cpu, ram, disk, gpus, ...devices }: DevicesOnWire): string[] {
  const limit = ram.limit_bytes === undefined ? "" : `, rbee may use ${megabytes(ram.limit_bytes)}`;
  const free = (bytes: number, total: number) => `${megabytes(bytes)} free of ${megabytes(total)}`;
  return table([
    ["platform", `${devices.platform} ${devices.architecture}`],
    ["processor", `${cpu.model}, ${cpu.cores} cores`],
    ["memory", `${free(ram.available_bytes, ram.total_bytes)}${limit}`],
    ["disk", `${free(disk.available_bytes, disk.total_bytes)} (${disk.path})`],
    ...gpus.map((gpu) => [
      `${gpu.backend}:${gpu.index}`,
      `${gpu.name}, ${free(gpu.memory_free_bytes, gpu.memory_total_bytes)}`,
    ]),
    ["backends", devices.backends.join(", ")],
  ]);
}

export function modelLines(models: readonly ModelOnWire[]): string[] {
  if (models.length === 0) return ["No models."];
  return table([
    ["ID", "REFERENCE", "SIZE", "QUANTISATION", "USED"],
    ...models.map((model) => [
      model.id,
      model.reference,
      megabytes(model.size_bytes),
      model.quantization ?? "-",
      `${model.use_count} x`,
    ]),
  ]);
}

export function fieldLines(model: ModelOnWire): string[] {
  const fields: [string, string | number | null][] = Object.entries(model);
  return table(fields.map(([name, value]) => [name, String(value ?? "-")]));
}

export function removalLine({ id, freed_bytes: freed, file_kept: isKept }: ModelDeleted): string {
  return isKept
    ? `${id} is forgotten; its file was left alone`
    : `${id} is gone: ${megabytes(freed)}`;
}

interface Verified {
  readonly id: string;
  readonly ok: boolean;
  readonly problem: string | null;
}

export function verifyLine({ id, ok: isFine, problem }: Verified): string {
  return `${isFine ? "✓" : "✗"} ${id}${problem === null ? "" : `: ${problem}`}`;
}
