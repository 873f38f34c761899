import { Autocomplete } from "@mantine/core";
import { useMemo } from "react";
import { useLivePart } from "../../state/console-context.tsx";
import type { LiveSnapshot } from "../../state/live-state.ts";
import { useKnownModels } from "./use-known-models.ts";

interface ModelPickerProps {
  readonly value: string;
  readonly onChange: (model: string) => void;
}

/** Any reference may be typed; what is loaded or on some disk is offered. */
export function ModelPicker({ value, onChange }: ModelPickerProps) {
  const loadedText = useLivePart(listLoaded);
  const loaded = useMemo(() => loadedText.split("\n").filter((name) => name !== ""), [loadedText]);
  const known = useKnownModels();
  const others = known.filter((model) => !loaded.includes(model));
  const groups = [
    { group: "In memory", items: loaded },
    { group: "On disk", items: others },
  ].filter(({ items }) => items.length > 0);
  const isKnown = [...loaded, ...others].includes(value.trim());
  return (
    <Autocomplete
      label="Model"
      placeholder="hello-bee, hf:org/repo:Q4_K_M, an alias"
      description={describePlace(value.trim(), {
        isLoaded: loaded.includes(value.trim()),
        isKnown,
      })}
      data={groups}
      // All of them are shown while one is chosen already.
      filter={isKnown || value === "" ? ({ options }) => options : undefined}
      value={value}
      onChange={onChange}
      w={360}
      maw="100%"
    />
  );
}

// As one text: the picker is drawn anew when it is another, not with every state of the queen.
function listLoaded({ state }: LiveSnapshot): string {
  const names = (state?.workers ?? []).map((worker) => worker.model_ref);
  return [...new Set(names)].toSorted().join("\n");
}

interface ModelPlace {
  readonly isLoaded: boolean;
  readonly isKnown: boolean;
}

function describePlace(model: string, { isLoaded, isKnown }: ModelPlace): string {
  if (model === "") return "Choose one, or write a reference";
  if (isLoaded) return "In memory: it answers at once";
  return isKnown ? "On disk: it is loaded first" : "Not here yet: it is fetched from the hub first";
}
