import type { RbeeWorld } from "../world.ts";

/** A row of the queen's database on blep, as anybody with SQLite reads it. */
export async function readRegistryRow(world: RbeeWorld, name: string): Promise<object> {
  const code = `
    const { DatabaseSync } = require("node:sqlite");
    const database = new DatabaseSync("/home/bee/.rbee/beehives.db", { readOnly: true });
    const row = database.prepare("SELECT * FROM beehives WHERE node_name = ?").get(process.argv[1]);
    console.log(JSON.stringify(row ?? null));
  `;
  const run = await world.host("blep").start([process.execPath, "-e", code, name]);
  await run.ended;
  return (JSON.parse(run.stdout()) as object | null) ?? {};
}
