import { Group, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { FailureNotice } from "./failure-notice.tsx";
import { useLogLines } from "../state/use-log-lines.ts";
import type { LogSource } from "../state/use-log-lines.ts";

const lineHeightPixels = 18;

/** A log as it grows. Only the lines that can be seen are in the page. */
export function LogView({ source, label }: { readonly source: LogSource; readonly label: string }) {
  const { lines, failure, isOpen } = useLogLines(source);
  const [filter, setFilter] = useState("");
  const [isFollowing, setFollowing] = useState(true);
  const shown = useMemo(
    () => (filter === "" ? lines : lines.filter((line) => line.includes(filter))),
    [lines, filter],
  );
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <TextInput
          size="xs"
          label="Only lines with"
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <Switch
          size="xs"
          label="Follow"
          checked={isFollowing}
          onChange={(event) => setFollowing(event.currentTarget.checked)}
        />
      </Group>
      {failure !== undefined && <FailureNotice failure={failure} />}
      <LogLines lines={shown} isFollowing={isFollowing} label={label} />
      <Text size="xs" c="dimmed" className="figure">
        {shown.length} lines{isOpen ? ", live" : ""}
      </Text>
    </Stack>
  );
}

interface LogLinesProps {
  readonly lines: readonly string[];
  readonly isFollowing: boolean;
  readonly label: string;
}

function LogLines({ lines, isFollowing, label }: LogLinesProps) {
  const place = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => place.current,
    estimateSize: () => lineHeightPixels,
    overscan: 20,
  });
  useEffect(() => {
    if (isFollowing && lines.length > 0) rows.scrollToIndex(lines.length - 1);
  }, [isFollowing, lines.length, rows]);
  return (
    <div ref={place} className="log-lines" role="log" aria-label={label} tabIndex={0}>
      <div style={{ height: rows.getTotalSize(), position: "relative" }}>
        {rows.getVirtualItems().map(({ index, key, start, size }) => (
          <div key={key} className="log-line" style={{ top: start, height: size }}>
            {lines[index]}
          </div>
        ))}
      </div>
    </div>
  );
}
