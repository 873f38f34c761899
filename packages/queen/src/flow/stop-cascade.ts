import { RbeeError, timings } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { Hives, NodeAccess, Nodes } from "../ports.ts";
import type { TaskRegistry } from "./task-registry.ts";

export interface CascadeOptions {
  readonly nodes: Nodes;
  readonly hives: Pick<Hives, "isOwned" | "stop">;
  readonly tasks: TaskRegistry;
  readonly narrate: Narrate;
  /** Aborts when the person does not want to wait any longer. */
  readonly impatience: AbortSignal;
}

/**
 * What a queen stops before it goes: every hive that it started, with its workers. Hives of an
 * operator live on; only our tasks on them end.
 *
 * 1. Tasks without a worker yet end at once.
 * 2. Hives are told, all at the same time; their workers drain and end what still runs.
 * 3. Tasks on other hives get as long as a worker drains, then they end.
 */
export async function stopCascade(options: CascadeOptions): Promise<void> {
  const { nodes, hives, tasks } = options;
  // 1.
  for (const task of tasks.running()) {
    if (task.state().phase !== "inferring") task.end(shuttingDown());
  }
  const owned = await findOwned(nodes, hives);
  await Promise.all([
    // 2.
    stopHives(options, owned),
    // 3.
    endTasks(options, new Set(owned.map((node) => node.name))),
  ]);
  // A worker that went without a word leaves its stream to end by itself, a moment later.
  await settleWithin(tasks, timings.workerGoneNoticeMs * 2);
  for (const task of tasks.running()) task.end(shuttingDown());
  await settleWithin(tasks, timings.workerGoneNoticeMs);
}

async function findOwned(nodes: Nodes, hives: CascadeOptions["hives"]): Promise<NodeAccess[]> {
  const list = nodes.list();
  const isOwned = await Promise.all(list.map((node) => hives.isOwned(node)));
  return list.filter((_node, index) => isOwned[index]);
}

async function stopHives(options: CascadeOptions, owned: readonly NodeAccess[]): Promise<void> {
  const { hives, narrate, impatience } = options;
  const total = owned.length;
  let stopped = 0;
  let forced = 0;
  const failures: unknown[] = [];
  const story = (event: { type: string; line?: Parameters<Narrate>[0] }) => {
    if (event.type === "tell" && event.line !== undefined) narrate(event.line);
  };
  for (const node of owned) {
    narrate({
      action: "hive-stop",
      target: node.name,
      human: `Stopping rbee-hive on ${node.name}`,
    });
  }
  await Promise.all(
    owned.map(async (node) => {
      try {
        if ((await hives.stop(node, story, impatience)) === "forced") forced += 1;
        stopped += 1;
        narrate({ action: "cascade", human: `${stopped}/${total} stopped`, stopped, total });
      } catch (error) {
        if (node.isLocal) failures.push(error);
        else tellOutOfReach(node, error, narrate);
      }
    }),
  );
  const human = `Hives stopped: ${stopped - forced} gracefully, ${forced} by force`;
  if (total > 0) narrate({ action: "cascade-end", human, stopped, total });
  if (failures.length > 0) throw new AggregateError(failures, "not every hive could be stopped");
}

// Its lease ends it: no queen listens to it any more.
function tellOutOfReach({ name }: NodeAccess, error: unknown, narrate: Narrate): void {
  const why = RbeeError.is(error) ? error.code : "no answer";
  const human = `rbee-hive on ${name} is out of reach (${why}); it stops when its lease ends`;
  narrate({ action: "hive-out-of-reach", target: name, human, level: "warn" });
}

async function endTasks({ tasks }: CascadeOptions, ownedNodes: ReadonlySet<string>): Promise<void> {
  const foreign = () => tasks.running().filter((task) => !ownedNodes.has(task.state().node ?? ""));
  if (foreign().length === 0) return;
  await settleWithin(tasks, timings.workerShutdownDrainMs);
  for (const task of foreign()) task.end(shuttingDown());
}

async function settleWithin(tasks: TaskRegistry, limitMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([Promise.all(tasks.running().map((task) => task.ended)), limit]);
  clearTimeout(timer);
}

function shuttingDown(): RbeeError {
  return new RbeeError("SHUTTING_DOWN", { program: "queen-rbee" });
}
