import { createServer } from "node:net";
import { ports } from "@rbee/contract";

interface PortSearch {
  readonly host: string;
  /** The first port that is tried. */
  readonly from: number;
  /** Ports that are promised to somebody who may not have bound them yet. */
  readonly taken: ReadonlySet<number>;
}

/** The first port from `from` upward that can be bound now; undefined when there is none left. */
export async function findFreePort({ host, from, taken }: PortSearch): Promise<number | undefined> {
  for (let port = from; port <= ports.listenMax; port += 1) {
    if (!taken.has(port) && (await canBind(host, port))) return port;
  }
  return undefined;
}

function canBind(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
