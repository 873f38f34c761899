import type { ResponseLogprob, ResponseOutputItem } from "@rbee/contract";
import type { ItemStatus, OpenItem, Place } from "./open-item.ts";

export interface OpenMessage extends OpenItem {
  readonly add: (delta: string, logprobs: readonly ResponseLogprob[]) => void;
}

/** A message that is being written, told as it grows. */
export function openMessage({ id, outputIndex, say }: Place): OpenMessage {
  const place = { output_index: outputIndex, item_id: id, content_index: 0 };
  const logprobs: ResponseLogprob[] = [];
  let text = "";
  const part = () => ({
    type: "output_text" as const,
    text,
    annotations: [],
    logprobs: [...logprobs],
  });
  const item = (status: ItemStatus): ResponseOutputItem => ({
    id,
    type: "message",
    status,
    role: "assistant",
    content: status === "in_progress" ? [] : [part()],
  });
  say({
    type: "response.output_item.added",
    output_index: outputIndex,
    item: item("in_progress"),
  });
  say({ type: "response.content_part.added", ...place, part: part() });
  return {
    add(delta, more) {
      text += delta;
      logprobs.push(...more);
      say({ type: "response.output_text.delta", ...place, delta, logprobs: [...more] });
    },
    close(status) {
      const closed = item(status);
      say({ type: "response.output_text.done", ...place, text, logprobs: [...logprobs] });
      say({ type: "response.content_part.done", ...place, part: part() });
      say({ type: "response.output_item.done", output_index: outputIndex, item: closed });
      return closed;
    },
  };
}
