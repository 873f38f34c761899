import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const Way = z.object({
  /** Which machine this was learned of; another one behind the same name is another matter. */
  host: z.string(),
  port: z.int(),
  /** It could not be reached straight from here. */
  isClosed: z.boolean(),
  hasAnswered: z.boolean(),
});
export type RememberedWay = z.infer<typeof Way>;

export type WayMemory = ReturnType<typeof createWayMemory>;

/** How the hive of a node was reached last, kept for a queen that is started again. */
export function createWayMemory(runFolder: string, node: string) {
  const folder = join(runFolder, "ways");
  const file = join(folder, `${node}.json`);
  return {
    read(): RememberedWay | undefined {
      try {
        return Way.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
      } catch {
        // Nothing was learned yet, or it cannot be read: it will be learned again.
        return undefined;
      }
    },
    write(way: RememberedWay): void {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const draft = `${file}.${process.pid}`;
      writeFileSync(draft, JSON.stringify(way), { mode: 0o600 });
      renameSync(draft, file);
    },
    forget: () => rmSync(file, { force: true }),
  };
}
