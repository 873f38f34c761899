import { Drawer, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { useCallback, useState } from "react";
import { useLive } from "../../state/console-context.tsx";
import { isOpenTask } from "./is-open-task.ts";
import type { Task } from "./is-open-task.ts";
import { RequestDetails } from "./request-details.tsx";
import { RequestTable } from "./request-table.tsx";
import { useKeyNames } from "./use-key-names.ts";

const views = [
  { value: "all", label: "All" },
  { value: "open", label: "Running and waiting" },
  { value: "failed", label: "Failed" },
] as const;
type View = (typeof views)[number]["value"];

/** What is asked of the models now, and what was asked lately. */
export function RequestsPage() {
  const { state } = useLive();
  const [view, setView] = useState<View>("all");
  const [chosenId, setChosenId] = useState<string>();
  const keyNames = useKeyNames();
  const choose = useCallback(({ task_id: id }: Task) => setChosenId(id), []);
  const tasks = (state?.tasks ?? []).filter(
    (task) => view === "all" || (view === "open" ? isOpenTask(task) : task.phase === "failed"),
  );
  const chosen = state?.tasks.find((task) => task.task_id === chosenId);
  return (
    <Stack>
      <Title order={1} size="h2">
        Requests
      </Title>
      <SegmentedControl
        aria-label="Which requests"
        data={[...views]}
        value={view}
        onChange={setView}
        w="fit-content"
        maw="100%"
      />
      {state === undefined && <Text c="dimmed">Waiting for the queen …</Text>}
      {state !== undefined && tasks.length === 0 && <NoRequest view={view} />}
      {tasks.length > 0 && <RequestTable tasks={tasks} keyNames={keyNames} onChoose={choose} />}
      <Drawer
        opened={chosen !== undefined}
        onClose={() => setChosenId(undefined)}
        title="One request"
        position="right"
        size="lg"
        closeButtonProps={{ "aria-label": "Close the request" }}
      >
        {chosen !== undefined && <RequestDetails task={chosen} keyNames={keyNames} />}
      </Drawer>
    </Stack>
  );
}

function NoRequest({ view }: { readonly view: View }) {
  if (view === "failed") return <Text c="dimmed">None of the last ones failed.</Text>;
  return (
    <Text c="dimmed">
      None. Ask a model something: on the Chat page, with <code>rbee infer</code>, or from any
      OpenAI client.
    </Text>
  );
}
