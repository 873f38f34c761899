import { sizes } from "@rbee/contract";
import { formatBytes } from "../../format/format-bytes.ts";
import type { QueenState } from "../../state/live-state.ts";
import { describeErrorCode } from "../requests/describe-error-code.ts";

/** Something that a person should look at, in words, and where it is mended. */
export interface Concern {
  readonly id: string;
  readonly level: "warning" | "problem";
  readonly text: string;
  readonly link: { readonly path: string; readonly label: string };
}

const diskShareMin = 0.05;
const memoryFreeMin = 512 * sizes.bytesPerMb;

/** What needs attention, the worst first. */
export function listConcerns(state: QueenState): readonly Concern[] {
  const concerns = [
    ...state.nodes.flatMap(judgeNode),
    ...state.workers.flatMap(judgeWorker),
    ...state.tasks.slice(0, recentTasks).flatMap(judgeTask),
  ];
  return concerns.toSorted((left, right) => rank(left) - rank(right));
}

const recentTasks = 5;

function rank({ level }: Concern): number {
  return level === "problem" ? 0 : 1;
}

function judgeNode(node: QueenState["nodes"][number]): Concern[] {
  const { name, devices } = node;
  const link = { path: "/nodes", label: `Check ${name}` };
  // A machine whose hive nobody needed yet is fine.
  if (node.status === "unreachable" && !node.hive_stopped) {
    const text = `${name} is not reached: ${node.last_error ?? "nothing is known of why"}`;
    return [{ id: `unreachable-${name}`, level: "problem", text, link }];
  }
  if (devices === null) return [];
  const found: Concern[] = [];
  if (devices.disk.available_bytes < devices.disk.total_bytes * diskShareMin) {
    const text = `The disk of ${name} is nearly full: ${formatBytes(devices.disk.available_bytes)} left`;
    const models = { path: "/models", label: "Delete models" };
    found.push({ id: `disk-${name}`, level: "warning", text, link: models });
  }
  if (devices.ram.available_bytes < memoryFreeMin) {
    const text = `${name} has little memory left: ${formatBytes(devices.ram.available_bytes)}`;
    const workers = { path: "/workers", label: "Shut workers down" };
    found.push({ id: `memory-${name}`, level: "warning", text, link: workers });
  }
  const tools = devices.tool_problems ?? [];
  return [
    ...found,
    ...tools.map(({ tool, problem }) => ({
      id: `tool-${name}-${tool}`,
      level: "warning" as const,
      text: `${tool} fails on ${name}, so its GPUs are not used: ${problem}`,
      link,
    })),
  ];
}

function judgeWorker(worker: QueenState["workers"][number]): Concern[] {
  if (worker.state !== "error") return [];
  const text = `Worker ${worker.worker_id} with ${worker.model_ref} on ${worker.node} failed`;
  const link = { path: "/workers", label: "See its log" };
  return [{ id: `worker-${worker.worker_id}`, level: "problem", text, link }];
}

function judgeTask(task: QueenState["tasks"][number]): Concern[] {
  if (task.phase !== "failed") return [];
  const where = task.node === null ? "" : ` on ${task.node}`;
  const text = `A request for ${task.model}${where} failed${reasonOf(task)}`;
  const link = { path: "/requests", label: "See the request" };
  return [{ id: `task-${task.task_id}`, level: "warning", text, link }];
}

function reasonOf({ error_code: code }: QueenState["tasks"][number]): string {
  if (code === null) return "";
  const title = describeErrorCode(code)?.title;
  return title === undefined ? ` with ${code}` : `: ${title} (${code})`;
}
