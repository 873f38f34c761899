import { Anchor, SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Link } from "wouter";
import { useLive } from "../../state/console-context.tsx";
import { ConcernList } from "./concern-list.tsx";
import { listConcerns } from "./list-concerns.ts";
import { NodeCard } from "./node-card.tsx";
import { RequestFigures } from "./request-figures.tsx";

// What draws it is not needed for the first look.
const RateChart = lazy(async () => ({ default: (await import("./rate-chart.tsx")).RateChart }));
const chartHeightPixels = 200;

/** What the machines are doing, at a glance. */
export function OverviewPage() {
  const { state, rates } = useLive();
  return (
    <Stack>
      <Title order={1} size="h2">
        Overview
      </Title>
      {state === undefined ? (
        <Text c="dimmed">Waiting for the queen …</Text>
      ) : (
        <>
          <ConcernList concerns={listConcerns(state)} />
          {state.tasks.length === 0 && state.workers.length === 0 && <FirstSteps />}
          <RequestFigures tasks={state.tasks} />
          <Suspense fallback={<Skeleton height={chartHeightPixels} />}>
            <RateChart rates={rates} />
          </Suspense>
          <SimpleGrid minColWidth="320px" type="container">
            {state.nodes.map((node) => (
              <NodeCard
                key={node.name}
                node={node}
                queenVersion={state.version}
                workers={state.workers.filter((worker) => worker.node === node.name)}
              />
            ))}
          </SimpleGrid>
        </>
      )}
    </Stack>
  );
}

function FirstSteps() {
  return (
    <Text size="sm">
      Nobody has asked anything yet.{" "}
      <Anchor component={Link} href="/chat">
        Begin a chat
      </Anchor>{" "}
      with the small model that came with rbee,{" "}
      <Anchor component={Link} href="/models">
        fetch a larger one
      </Anchor>
      , or{" "}
      <Anchor component={Link} href="/nodes">
        add another machine
      </Anchor>
      .
    </Text>
  );
}
