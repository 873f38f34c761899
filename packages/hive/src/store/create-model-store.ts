import type { DatabaseSync } from "node:sqlite";
import type { ModelShape } from "../domain/catalogue-model.ts";
import type { ModelStore, StoredModel } from "../ports.ts";
import { createMeasuredMemory } from "./create-measured-memory.ts";

// The table is strict, so SQLite itself sees to the types.
interface Row {
  readonly id: string;
  readonly provider: StoredModel["provider"];
  readonly reference: string;
  readonly variant: string;
  readonly digest: string | null;
  readonly local_path: string;
  readonly size_bytes: number;
  readonly architecture: string | null;
  readonly quantization: string | null;
  readonly parameters: number | null;
  readonly context_length: number | null;
  readonly vocabulary_size: number | null;
  readonly eos_token_id: number | null;
  readonly has_chat_template: number;
  readonly shape: string | null;
  readonly modified_at_ms: number;
  readonly downloaded_at_unix: number;
  readonly last_used_unix: number | null;
  readonly use_count: number;
}

const columns = [
  "id",
  "provider",
  "reference",
  "variant",
  "digest",
  "local_path",
  "size_bytes",
  "architecture",
  "quantization",
  "parameters",
  "context_length",
  "vocabulary_size",
  "eos_token_id",
  "has_chat_template",
  "shape",
  "modified_at_ms",
  "downloaded_at_unix",
  "last_used_unix",
  "use_count",
] as const satisfies readonly (keyof Row)[];

/** The rows of an open database whose schema is up to date. */
export function createModelStore(database: DatabaseSync): ModelStore {
  const find = database.prepare(
    `SELECT * FROM models WHERE id = :name OR reference = :name
     ORDER BY id = :name DESC, last_used_unix DESC, downloaded_at_unix DESC LIMIT 1`,
  );
  const list = database.prepare("SELECT * FROM models ORDER BY id");
  const values = columns.map((name) => `:${name}`);
  const changes = columns.map((name) => `${name} = excluded.${name}`);
  const put = database.prepare(
    `INSERT INTO models (${columns.join(", ")}) VALUES (${values.join(", ")})
     ON CONFLICT (id) DO UPDATE SET ${changes.join(", ")}`,
  );
  const markUsed = database.prepare(
    "UPDATE models SET last_used_unix = :now, use_count = use_count + 1 WHERE id = :id",
  );
  const remove = database.prepare("DELETE FROM models WHERE id = :id");
  const { forget, ...measured } = createMeasuredMemory(database);
  const watchers = new Set<() => void>();
  const tellWatchers = () => watchers.forEach((onChange) => onChange());
  return {
    find(idOrReference) {
      const row = find.get({ name: idOrReference });
      return row === undefined ? undefined : modelFromRow(row);
    },
    list: () => list.all().map((row) => modelFromRow(row)),
    put: (model) => {
      put.run({ ...rowFromModel(model) });
      tellWatchers();
    },
    markUsed: (id, unixSeconds) => {
      markUsed.run({ id, now: unixSeconds });
    },
    remove: (id) => {
      remove.run({ id });
      forget(id);
      tellWatchers();
    },
    ...measured,
    watch(onChange) {
      watchers.add(onChange);
      return () => watchers.delete(onChange);
    },
    close: () => database.close(),
  };
}

// A variant is never null in the database: SQLite would take two nulls for different ones.
function rowFromModel(model: StoredModel): Row {
  return {
    id: model.id,
    provider: model.provider,
    reference: model.reference,
    variant: model.variant ?? "",
    digest: model.digest,
    local_path: model.localPath,
    size_bytes: model.sizeBytes,
    architecture: model.architecture,
    quantization: model.quantization,
    parameters: model.parameters,
    context_length: model.contextLength,
    vocabulary_size: model.vocabularySize,
    eos_token_id: model.eosTokenId,
    has_chat_template: model.hasChatTemplate ? 1 : 0,
    shape: model.shape === null ? null : JSON.stringify(model.shape),
    modified_at_ms: model.modifiedAtMs,
    downloaded_at_unix: model.downloadedAtUnix,
    last_used_unix: model.lastUsedUnix,
    use_count: model.useCount,
  };
}

function modelFromRow(values: Readonly<Record<string, unknown>>): StoredModel {
  const row = values as unknown as Row;
  return {
    id: row.id,
    provider: row.provider,
    reference: row.reference,
    variant: row.variant === "" ? null : row.variant,
    digest: row.digest,
    localPath: row.local_path,
    sizeBytes: row.size_bytes,
    architecture: row.architecture,
    quantization: row.quantization,
    parameters: row.parameters,
    contextLength: row.context_length,
    vocabularySize: row.vocabulary_size,
    eosTokenId: row.eos_token_id,
    hasChatTemplate: row.has_chat_template === 1,
    shape: row.shape === null ? null : (JSON.parse(row.shape) as ModelShape),
    modifiedAtMs: row.modified_at_ms,
    downloadedAtUnix: row.downloaded_at_unix,
    lastUsedUnix: row.last_used_unix,
    useCount: row.use_count,
  };
}
