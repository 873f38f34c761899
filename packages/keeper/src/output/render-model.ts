import type { ModelOnWire } from "@rbee/contract";
import { formatBytes, formatLocalTime } from "./figures.ts";
import { renderFields } from "./render-table.ts";

/** Everything that a catalogue knows about a model. */
export function renderModel(node: string, model: ModelOnWire): readonly string[] {
  const known = (value: string | number | null) => String(value ?? "unknown");
  return renderFields([
    ["Node", node],
    ["Id", model.id],
    ["Reference", model.reference],
    ["Provider", model.provider],
    ...(model.variant === null ? [] : ([["Variant", model.variant]] as const)),
    ["Path", model.local_path],
    ["Size", formatBytes(model.size_bytes)],
    ["Architecture", known(model.architecture)],
    ["Quantisation", known(model.quantization)],
    ["Parameters", formatParameters(model)],
    ["Context", known(model.context_length)],
    ["Vocabulary", known(model.vocabulary_size)],
    ["End token", known(model.eos_token_id)],
    ["Digest", known(model.digest)],
    ["Downloaded", formatUnixTime(model.downloaded_at_unix)],
    ["Last used", formatUnixTime(model.last_used_unix)],
    ["Uses", String(model.use_count)],
  ]);
}

/** `3.2 M`, `7.2 B`. */
export function formatParameters({ parameters }: ModelOnWire): string {
  if (parameters === null) return "-";
  const millions = parameters / 1e6;
  return millions < 1000 ? `${millions.toFixed(1)} M` : `${(millions / 1000).toFixed(1)} B`;
}

export function formatUnixTime(seconds: number | null): string {
  return formatLocalTime(seconds === null ? null : new Date(seconds * 1000));
}
