import type { DatabaseSync } from "node:sqlite";
import type { UsageDay, UsageFigures, UsageStore } from "../key-ports.ts";

interface UsageRow {
  readonly key_id: string;
  readonly key_name: string;
  readonly day: string;
  readonly requests: number;
  readonly prompt_tokens: number;
  readonly generated_tokens: number;
}

/** What API keys asked for, by day, in the queen's database. */
export function createUsageStore(database: DatabaseSync): UsageStore {
  const add = database.prepare(
    `INSERT INTO usage_by_day (key_id, key_name, day, requests, prompt_tokens, generated_tokens)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (key_id, day) DO UPDATE SET
       key_name = excluded.key_name,
       requests = requests + excluded.requests,
       prompt_tokens = prompt_tokens + excluded.prompt_tokens,
       generated_tokens = generated_tokens + excluded.generated_tokens`,
  );
  const list = database.prepare(
    `SELECT * FROM usage_by_day WHERE day >= :day AND (:id IS NULL OR key_id = :id)
     ORDER BY day DESC, key_name, key_id`,
  );
  const totals = database.prepare(
    `SELECT key_id, sum(requests) AS requests, sum(prompt_tokens) AS prompt_tokens,
       sum(generated_tokens) AS generated_tokens FROM usage_by_day GROUP BY key_id`,
  );
  const forget = database.prepare("DELETE FROM usage_by_day WHERE day < ?");
  return {
    add(days) {
      database.exec("BEGIN IMMEDIATE");
      try {
        for (const { keyId, keyName, day, ...figures } of days) {
          const { requests, promptTokens, generatedTokens } = figures;
          add.run(keyId, keyName, day, requests, promptTokens, generatedTokens);
        }
        database.exec("COMMIT");
      } catch (error) {
        // A full disk has rolled back by itself already.
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },
    list: (day, id) => (list.all({ day, id: id ?? null }) as unknown as UsageRow[]).map(dayFromRow),
    totals: () =>
      new Map(
        (totals.all() as unknown as UsageRow[]).map((row) => [row.key_id, figuresFromRow(row)]),
      ),
    forget: (day) => void forget.run(day),
  };
}

function dayFromRow(row: UsageRow): UsageDay {
  return { keyId: row.key_id, keyName: row.key_name, day: row.day, ...figuresFromRow(row) };
}

function figuresFromRow(row: UsageRow): UsageFigures {
  return {
    requests: row.requests,
    promptTokens: row.prompt_tokens,
    generatedTokens: row.generated_tokens,
  };
}
