import { Button, Card, List, Stack, Text, Title } from "@mantine/core";

/** What is shown while only the queen's own machine is known. */
export function NoOtherMachine({ onAdd }: { readonly onAdd: () => void }) {
  return (
    <Card withBorder component="section" aria-label="More machines">
      <Stack gap="sm" align="flex-start">
        <Title order={2} size="h4">
          Have you another machine?
        </Title>
        <Text size="sm">
          rbee can use its processors and graphics cards too. All that it needs:
        </Text>
        <List size="sm">
          <List.Item>Linux or macOS, and an SSH server that is switched on</List.Item>
          <List.Item>a way to log in there with an SSH key, without a password</List.Item>
          <List.Item>some room on its disk; nothing else has to be installed</List.Item>
        </List>
        <Button onClick={onAdd}>Add your first machine</Button>
      </Stack>
    </Card>
  );
}
