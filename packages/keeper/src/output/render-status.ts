import type { NodeState } from "@rbee/contract";
import type { QueenState } from "../live-state.ts";
import { formatLocalTime, formatSeconds } from "./figures.ts";
import { renderDevices } from "./render-devices.ts";
import { renderTasks } from "./render-tasks.ts";
import { renderWorkers } from "./render-workers.ts";
import { safeText } from "./safe-text.ts";

interface Moment {
  readonly url: string;
  readonly now: Date;
}

/** Queen, nodes, workers and running requests on one screen. */
export function renderStatus(state: QueenState, { url, now }: Moment): readonly string[] {
  const running = state.tasks.filter((task) => task.ended_at === null);
  const uptime = formatSeconds(state.uptime_s);
  return [
    `Queen   v${safeText(state.version)} at ${url}, running for ${uptime}`,
    "",
    "Nodes",
    ...state.nodes.flatMap(renderNode),
    "",
    "Workers",
    ...renderWorkers(state.workers, now).map(indent),
    "",
    "Requests",
    ...renderTasks(running, now).map(indent),
  ];
}

function renderNode(node: NodeState): string[] {
  const title = `${node.name}: ${describeNode(node)}`;
  const devices = node.devices === null ? [] : renderDevices(node.devices);
  return [
    indent(safeText(title)),
    ...devices.map(([name, value]) => `    ${name.padEnd(9)} ${safeText(value)}`),
  ];
}

function describeNode(node: NodeState): string {
  if (node.hive_stopped) return "no hive runs; one is started when it is needed";
  const version = node.version === null ? "" : `, v${node.version}`;
  if (node.status === "reachable") return `reachable${version}`;
  const problem = node.last_error === null ? "" : ` (${node.last_error})`;
  const seen = node.last_seen === null ? null : new Date(node.last_seen);
  return `${node.status}${version}, last seen ${formatLocalTime(seen)}${problem}`;
}

function indent(line: string): string {
  return `  ${line}`;
}
