import type { DatabaseSync } from "node:sqlite";
import type { MeasuredMemory } from "../domain/measured-memory.ts";
import type { ModelStore } from "../ports.ts";

type MeasuredStore = Pick<ModelStore, "listMeasured" | "noteMeasured"> & {
  readonly forget: (modelId: string) => void;
};

/** The rows of what workers took, per model and how it ran. */
export function createMeasuredMemory(database: DatabaseSync): MeasuredStore {
  const list = database.prepare(
    `SELECT backend, slots, context, bytes, loads, uses FROM measured_memory
     WHERE model_id = :id AND size_bytes = :size`,
  );
  const same = "measured_memory.size_bytes = excluded.size_bytes";
  const note = database.prepare(
    `INSERT INTO measured_memory
       (model_id, size_bytes, backend, slots, context, bytes, loads, uses, measured_at_unix)
     VALUES (:id, :size, :backend, :slots, :context, :bytes, :loads, :uses, :now)
     ON CONFLICT (model_id, backend, slots, context) DO UPDATE SET
       bytes = iif(${same}, max(bytes, excluded.bytes), excluded.bytes),
       loads = iif(${same}, loads, 0) + excluded.loads,
       uses = iif(${same}, uses, 0) + excluded.uses,
       size_bytes = excluded.size_bytes,
       measured_at_unix = excluded.measured_at_unix`,
  );
  const forget = database.prepare("DELETE FROM measured_memory WHERE model_id = :id");
  return {
    // The table is strict, so SQLite itself sees to the types.
    listMeasured: ({ id, sizeBytes }) =>
      list.all({ id, size: sizeBytes }).map((row) => ({ ...row }) as unknown as MeasuredMemory),
    noteMeasured({ model, backend, slots, context, bytes, isNewLoad, isNewUse, atUnix }) {
      note.run({
        id: model.id,
        size: model.sizeBytes,
        backend,
        slots,
        context,
        bytes,
        loads: isNewLoad ? 1 : 0,
        uses: isNewUse ? 1 : 0,
        now: atUnix,
      });
    },
    forget: (id) => void forget.run({ id }),
  };
}
