import { Button, Group, Stack, Tabs, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { useLive } from "../../state/console-context.tsx";
import { ExplainPanel } from "./explain-panel.tsx";
import { NodeModels } from "./node-models.tsx";
import { BegunPulls } from "./begun-pulls.tsx";
import { PullForm } from "./pull-form.tsx";
import { createPullMemory } from "./pull-memory.ts";
import type { BegunPull } from "./pull-memory.ts";

/** The models on each machine's disk, and where others would fit. */
export function ModelsPage() {
  const { state } = useLive();
  const [isPulling, { open, close }] = useDisclosure(false);
  const memory = useMemo(() => createPullMemory(localStorage), []);
  const [begun, setBegun] = useState<BegunPull>();
  // The lists are asked for again when something was fetched.
  const [edition, setEdition] = useState(0);
  const nodes = state?.nodes ?? [];
  const change = () => setEdition((before) => before + 1);
  const choose = (pull: BegunPull | undefined) => {
    setBegun(pull);
    open();
  };
  const forget = (pull: BegunPull) => {
    memory.forget(pull);
    change();
  };
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Models
        </Title>
        <Button onClick={() => choose(undefined)}>Fetch a model</Button>
      </Group>
      {!isPulling && <BegunPulls pulls={memory.list()} onGoOn={choose} onForget={forget} />}
      <Tabs defaultValue="disk" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="disk">On disk</Tabs.Tab>
          <Tabs.Tab value="fit">Where would it fit?</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="disk" pt="md">
          <Stack>
            {nodes.map((node) => (
              <NodeModels key={`${node.name} ${edition}`} node={node} />
            ))}
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="fit" pt="md">
          <ExplainPanel />
        </Tabs.Panel>
      </Tabs>
      <PullForm
        key={`${begun?.model ?? ""} ${begun?.node ?? ""}`}
        isOpen={isPulling}
        begun={begun}
        memory={memory}
        onClose={close}
        onChange={change}
      />
    </Stack>
  );
}
