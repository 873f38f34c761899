import { Alert, Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "wouter";
import type { Concern } from "./list-concerns.ts";

export function ConcernList({ concerns }: { readonly concerns: readonly Concern[] }) {
  if (concerns.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing needs your attention.
      </Text>
    );
  }
  return (
    <Stack gap="xs" component="section" aria-label="Needs attention">
      {concerns.map(({ id, level, text, link }) => (
        <Alert key={id} color={level === "problem" ? "red" : "yellow"} py="xs">
          <Group justify="space-between">
            <Text size="sm">{text}</Text>
            <Anchor component={Link} href={link.path} size="sm">
              {link.label}
            </Anchor>
          </Group>
        </Alert>
      ))}
    </Stack>
  );
}
