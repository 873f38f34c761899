import type { RelayStage } from "./relay-stage.ts";
import type { Bench, Row } from "../section.ts";

const relays = ["queen", "nginx", "pipe"] as const;
const kilobyte = 1024;

/** What each further open stream takes, in relays that have served none before. */
export async function measureMemory(
  bench: Bench,
  stage: RelayStage,
  streams: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const road of relays) {
    const { memoryBytes } = await stage.run(road, { streams, readsStamps: false });
    const [before = 0] = memoryBytes.before;
    const [open = 0] = memoryBytes.open;
    const kilobytes = (open - before) / streams / kilobyte;
    const measured = `${kilobytes.toFixed(0)} kB`;
    bench.tell(`memory per open stream, ${road}: ${measured}`);
    rows.push({ name: rows.length === 0 ? memoryName(streams, road) : `... ${road}`, measured });
  }
  return rows;
}

function memoryName(streams: number, road: string): string {
  return `memory per open stream, ${streams} streams: ${road}`;
}
