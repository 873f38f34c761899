import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { openDatabase } from "@rbee/daemon/database";
import type { ModelStore } from "../ports.ts";
import { createModelStore } from "./create-model-store.ts";
import { migrateModels } from "./migrate-models.ts";

export interface OpenedModelStore {
  readonly store: ModelStore;
  /** Where a corrupt file was put; its models have to be found again from the files on disk. */
  readonly backupPath?: string;
  /** True for a database that did not exist, or had to be made anew. */
  readonly isNew: boolean;
}

/** Opens models.db. */
export function openModelStore(path: string): OpenedModelStore {
  const wasThere = existsSync(path);
  const { opened, ...aside } = openDatabase({ path, prepare });
  return { store: opened, isNew: !wasThere || aside.backupPath !== undefined, ...aside };
}

function prepare(database: DatabaseSync): ModelStore {
  migrateModels(database);
  return createModelStore(database);
}
