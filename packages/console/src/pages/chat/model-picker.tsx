import { Autocomplete } from "@mantine/core";
import { useMemo } from "react";
import { useLive } from "../../state/console-context.tsx";
import { useKnownModels } from "./use-known-models.ts";

interface ModelPickerProps {
  readonly value: string;
  readonly onChange: (model: string) => void;
}

/** Any reference may be typed; what is loaded or on some disk is offered. */
export function ModelPicker({ value, onChange }: ModelPickerProps) {
  const { state } = useLive();
  const known = useKnownModels();
  const loaded = useMemo(
    () => [...new Set((state?.workers ?? []).map((worker) => worker.model_ref))].toSorted(),
    [state?.workers],
  );
  const others = known.filter((model) => !loaded.includes(model));
  const groups = [
    { group: "In memory", items: loaded },
    { group: "On disk", items: others },
  ].filter(({ items }) => items.length > 0);
  return (
    <Autocomplete
      label="Model"
      placeholder="hello-bee, hf:org/repo:Q4_K_M, an alias"
      data={groups}
      // All of them are shown while one is chosen already.
      filter={({ options }) => options}
      value={value}
      onChange={onChange}
      w={280}
      maw="100%"
    />
  );
}
