import { Button, Group, Stack, Tabs, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useLive } from "../../state/console-context.tsx";
import { ExplainPanel } from "./explain-panel.tsx";
import { NodeModels } from "./node-models.tsx";
import { PullForm } from "./pull-form.tsx";
import { PullList } from "./pull-list.tsx";
import { usePullRoom } from "./use-pull-room.ts";

/** The models on each machine's disk, and where others would fit. */
export function ModelsPage() {
  const { state } = useLive();
  const { room, pulls } = usePullRoom();
  const [isPulling, { open, close }] = useDisclosure(false);
  // The lists are asked for again when something was fetched.
  const fetched = pulls.filter(({ status }) => status === "done").length;
  const nodes = state?.nodes ?? [];
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Models
        </Title>
        <Button onClick={open}>Fetch a model</Button>
      </Group>
      {!isPulling && <PullList pulls={pulls} room={room} />}
      <Tabs defaultValue="disk" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="disk">On disk</Tabs.Tab>
          <Tabs.Tab value="fit">Where would it fit?</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="disk" pt="md">
          <Stack>
            {nodes.map((node) => (
              <NodeModels key={`${node.name} ${fetched}`} node={node} />
            ))}
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="fit" pt="md">
          <ExplainPanel />
        </Tabs.Panel>
      </Tabs>
      <PullForm isOpen={isPulling} pulls={pulls} room={room} onClose={close} />
    </Stack>
  );
}
