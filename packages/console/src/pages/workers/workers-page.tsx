import { Button, Drawer, Group, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { LogView } from "../../parts/log-view.tsx";
import { useLive } from "../../state/console-context.tsx";
import { SpawnForm } from "./spawn-form.tsx";
import { WorkerTable } from "./worker-table.tsx";
import type { Worker } from "./describe-worker.ts";

/** Every worker of every machine: what it does, how to stop it, how to make another. */
export function WorkersPage() {
  const { state } = useLive();
  const [isSpawning, { open, close }] = useDisclosure(false);
  const [logOf, setLogOf] = useState<Worker>();
  const workers = state?.workers ?? [];
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Workers
        </Title>
        <Button onClick={open}>Load a model</Button>
      </Group>
      {state === undefined && <Text c="dimmed">Waiting for the queen …</Text>}
      {state?.workers.length === 0 && (
        <Text c="dimmed">
          No worker runs. The first question to a model starts one, which holds the model in memory;
          you can also load a model ahead of time.
        </Text>
      )}
      {workers.length > 0 && <WorkerTable workers={workers} onShowLog={setLogOf} />}
      <Drawer
        opened={logOf !== undefined}
        onClose={() => setLogOf(undefined)}
        title={`Log of ${logOf?.worker_id ?? ""}`}
        position="right"
        size="xl"
        closeButtonProps={{ "aria-label": "Close the log" }}
      >
        {logOf !== undefined && (
          <LogView
            source={{ node: logOf.node, worker: logOf.worker_id }}
            label={`Log of ${logOf.worker_id}`}
          />
        )}
      </Drawer>
      <SpawnForm isOpen={isSpawning} onClose={close} />
    </Stack>
  );
}
