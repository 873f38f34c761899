import { Badge } from "@mantine/core";
import { useLivePart } from "../state/console-context.tsx";
import type { LinkStatus } from "../state/live-state.ts";

const looks: Record<LinkStatus, { readonly color: string; readonly label: string }> = {
  connecting: { color: "gray", label: "Connecting" },
  live: { color: "green", label: "Live" },
  stale: { color: "red", label: "Not live" },
  locked: { color: "red", label: "Locked" },
};

export function LinkBadge() {
  const link = useLivePart((snapshot) => snapshot.link);
  const { color, label } = looks[link];
  return (
    <Badge color={color} variant="light" className={`link-badge link-${link}`} role="status">
      {label}
    </Badge>
  );
}
