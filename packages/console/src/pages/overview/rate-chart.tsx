import { Card, Text, useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import type { RatePoint } from "../../state/live-state.ts";

const heightPixels = 140;
const windowSeconds = 300;
const colors = {
  light: { text: "#495057", grid: "#e9ecef", line: "#8a5a00", fill: "#ffb01b33" },
  dark: { text: "#c9c9c9", grid: "#373a40", line: "#ffca64", fill: "#ffb01b33" },
};

/** Tokens per second over the last minutes, drawn on a canvas: a hundred points cost nothing. */
export function RateChart({ rates }: { readonly rates: readonly RatePoint[] }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const drawn = new uPlot(buildOptions(element.clientWidth, scheme), [[], []], element);
    chart.current = drawn;
    const watch = new ResizeObserver(() => {
      drawn.setSize({ width: element.clientWidth, height: heightPixels });
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      drawn.destroy();
      chart.current = undefined;
    };
  }, [scheme]);
  useEffect(() => {
    const times = rates.map(({ atMs }) => atMs / 1000);
    chart.current?.setData([times, rates.map((point) => point.tokensPerSecond)]);
  }, [rates, scheme]);
  const last = rates.at(-1)?.tokensPerSecond ?? 0;
  return (
    <Card withBorder component="section" aria-label="Tokens per second over time">
      <Text size="sm" fw={600}>
        Tokens per second
      </Text>
      <div
        ref={place}
        role="img"
        aria-label={`A chart of the last minutes; now ${last.toFixed(1)} tokens per second`}
        style={{ minHeight: heightPixels }}
      />
    </Card>
  );
}

function buildOptions(width: number, scheme: "light" | "dark"): uPlot.Options {
  const { text, grid, line, fill } = colors[scheme];
  const axis = {
    stroke: text,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1 },
  };
  return {
    width,
    height: heightPixels,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: () => [Date.now() / 1000 - windowSeconds, Date.now() / 1000] },
      y: { range: (_chart, _lowest, highest) => [0, Math.max(1, highest * 1.1)] },
    },
    axes: [
      // Whole minutes, without the date that the library writes over its neighbours.
      { ...axis, size: 30, incrs: [60], values: (_chart, times) => times.map(formatMinute) },
      { ...axis, size: 48 },
    ],
    series: [{}, { label: "tokens/s", stroke: line, fill, width: 2, points: { show: false } }],
  };
}

function formatMinute(unix: number): string {
  return new Date(unix * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
