import { Burger, Group, Text } from "@mantine/core";
import { ColorSchemeSwitch } from "./color-scheme-switch.tsx";
import { LinkBadge } from "./link-badge.tsx";

interface TopBarProps {
  readonly isMenuOpen: boolean;
  readonly onToggleMenu: () => void;
}

export function TopBar({ isMenuOpen, onToggleMenu }: TopBarProps) {
  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap">
      <Group gap="sm" wrap="nowrap">
        <Burger
          opened={isMenuOpen}
          onClick={onToggleMenu}
          hiddenFrom="sm"
          size="sm"
          aria-label={isMenuOpen ? "Close the menu" : "Open the menu"}
        />
        <Text fw={700} size="lg">
          rbee
        </Text>
      </Group>
      <Group gap="xs" wrap="nowrap">
        <LinkBadge />
        <ColorSchemeSwitch />
      </Group>
    </Group>
  );
}
