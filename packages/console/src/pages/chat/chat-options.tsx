import { Group, NumberInput, Stack, Textarea } from "@mantine/core";
import { memo } from "react";
import type { Conversation } from "./conversation.ts";
import { ModelPicker } from "./model-picker.tsx";

export type Options = Pick<Conversation, "model" | "system" | "sampling">;

interface ChatOptionsProps extends Options {
  /** Must stay the same function: fields are not drawn anew while an answer grows. */
  readonly onChange: (patch: Partial<Options>) => void;
}

// The bounds of the contract, as far as it has any.
const samplingFields = [
  { name: "temperature", label: "Temperature", min: 0, max: 2, step: 0.1 },
  { name: "top_p", label: "Top p", min: 0, max: 1, step: 0.05 },
  { name: "top_k", label: "Top k", min: 0, step: 1, allowDecimal: false },
  { name: "min_p", label: "Min p", min: 0, max: 1, step: 0.05 },
  { name: "repetition_penalty", label: "Repetition penalty", min: 0, max: 2, step: 0.05 },
  { name: "max_tokens", label: "Tokens at most", min: 1, step: 64, allowDecimal: false },
  { name: "seed", label: "Seed", min: 0, max: 4_294_967_295, step: 1, allowDecimal: false },
] as const;

/** Which model, what it is told first, and how it chooses its words. */
export const ChatOptions = memo(({ model, system, sampling, onChange }: ChatOptionsProps) => (
  <Stack gap="xs">
    <ModelPicker value={model} onChange={(next) => onChange({ model: next })} />
    <Textarea
      label="System prompt"
      description="What the model is told before the conversation"
      autosize
      minRows={2}
      maxRows={8}
      value={system}
      onChange={(event) => onChange({ system: event.currentTarget.value })}
    />
    <Group gap="xs">
      {samplingFields.map(({ name, label, ...bounds }) => (
        <NumberInput
          key={name}
          label={label}
          placeholder="its own"
          w={150}
          clampBehavior="strict"
          allowNegative={false}
          value={sampling[name] ?? ""}
          onChange={(value) =>
            onChange({
              sampling: { ...sampling, [name]: typeof value === "number" ? value : undefined },
            })
          }
          {...bounds}
        />
      ))}
    </Group>
  </Stack>
));
