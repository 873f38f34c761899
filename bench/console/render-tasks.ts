import type { Row } from "../section.ts";
import { longTaskMs } from "./watch-tasks.ts";
import type { TaskFigures } from "./watch-tasks.ts";

export function renderTasks(name: string, figures: TaskFigures): Row[] {
  const { longestMs, longestCpuMs, longCount, busyPercent } = figures;
  return [
    {
      name: `longest task: ${name}`,
      measured: `${longestMs.toFixed(0)} ms, ${longCount} over ${longTaskMs} ms`,
      target: `<= ${longTaskMs} ms`,
      isMet: longCount === 0,
    },
    {
      name: "... on the processor",
      measured: `${longestCpuMs.toFixed(0)} ms; the page is busy ${busyPercent.toFixed(0)} % of the time`,
    },
  ];
}
