import { Group, Progress, Text } from "@mantine/core";
import { formatBytes } from "../../format/format-bytes.ts";

interface MemoryBarProps {
  readonly label: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** What the workers of rbee hold of it. */
  readonly ownBytes: number;
}

/** Memory as three parts: of rbee, of others, free. */
export function MemoryBar({ label, totalBytes, freeBytes, ownBytes }: MemoryBarProps) {
  const usedBytes = Math.max(0, totalBytes - freeBytes);
  const rbeeBytes = Math.min(ownBytes, usedBytes);
  const otherBytes = usedBytes - rbeeBytes;
  const percent = (bytes: number) => (totalBytes > 0 ? (bytes / totalBytes) * 100 : 0);
  const told = `${formatBytes(rbeeBytes)} by rbee, ${formatBytes(otherBytes)} by others, ${formatBytes(freeBytes)} free`;
  return (
    <div>
      <Group justify="space-between" gap="xs">
        <Text size="sm">{label}</Text>
        <Text size="xs" c="dimmed" className="figure">
          {formatBytes(freeBytes)} of {formatBytes(totalBytes)} free
        </Text>
      </Group>
      <Progress.Root size="lg" aria-hidden="true">
        <Progress.Section value={percent(rbeeBytes)} color="honey" />
        <Progress.Section value={percent(otherBytes)} color="gray" />
      </Progress.Root>
      <Text size="xs" c="dimmed" className="figure">
        {told}
      </Text>
    </div>
  );
}
