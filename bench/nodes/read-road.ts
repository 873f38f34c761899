import type { Host, HostNetwork } from "@rbee/testkit";
import { parseLog, timeOf } from "../start/read-log.ts";
import type { LogLine } from "../start/read-log.ts";
import { firstTokenAt } from "./run-keeper.ts";
import type { Command } from "./run-keeper.ts";

interface Story {
  readonly command: Command;
  readonly queen: readonly LogLine[];
  readonly hive: readonly LogLine[];
  readonly worker: readonly LogLine[];
}

interface Mark {
  readonly name: string;
  readonly find: (story: Story) => number | undefined;
}

const action = (wanted: string) => (line: LogLine) => line.action === wanted;
const says = (wanted: string) => (line: LogLine) => line.msg === wanted;

// Each phase ends at its mark and begins where the one before it ended.
const marks: readonly Mark[] = [
  {
    name: "keeper starts the queen, she listens",
    find: ({ queen }) => timeOf(queen, says("queen-rbee listens")),
  },
  {
    name: "task to the queen, node looked up, no hive there",
    find: ({ queen }) =>
      timeOf(queen, action("ssh-connect")) ?? timeOf(queen, action("hive-start")),
  },
  {
    name: "SSH: logged in",
    find: ({ queen }) => timeOf(queen, action("hive-start")),
  },
  {
    name: "hive: started, listens",
    find: ({ hive }) => timeOf(hive, says("rbee-hive listens")),
  },
  {
    name: "the queen knows it and its version",
    find: ({ queen }) => timeOf(queen, action("spawn")),
  },
  {
    name: "hive: finds model and place",
    find: ({ hive }) => timeOf(hive, action("worker-starting")),
  },
  {
    name: "worker: started, listens",
    find: ({ worker }) => timeOf(worker, says("llm-worker-rbee listens")),
  },
  {
    name: "worker: ready call, loading",
    find: ({ worker }) => timeOf(worker, action("loaded")),
  },
  {
    name: "hive and queen hear it; the first token comes back",
    find: ({ command }) => firstTokenAt(command),
  },
];

export const roadPhases = marks.map(({ name }) => name);

/** Milliseconds of each phase of a cold start on a node, by the clock that all hosts share. */
export async function readRoad(
  { hosts }: HostNetwork,
  node: Host,
  command: Command,
): Promise<number[]> {
  const read = async (host: Host, files: string) =>
    parseLog(await host.shell(`cat .rbee/logs/${files}`));
  const story: Story = {
    command,
    queen: await read(hosts.blep, "queen.log"),
    hive: await read(node, "hive.log"),
    worker: await read(node, "worker-*.log"),
  };
  const times = marks.map((mark) => {
    const time = mark.find(story);
    if (time === undefined) throw new Error(`nothing tells the end of the phase "${mark.name}"`);
    return time;
  });
  return times.map((time, index) => time - (times[index - 1] ?? command.startedAtMs));
}
