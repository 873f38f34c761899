import type { ResponseOutputItem } from "@rbee/contract";
import type { ItemStatus, OpenItem, Place } from "./open-item.ts";

export interface OpenFunctionCall extends OpenItem {
  readonly add: (delta: string) => void;
}

interface Called extends Place {
  readonly callId: string;
  readonly name: string;
}

/** A call of a function that the model is writing, told as its arguments grow. */
export function openFunctionCall({ id, outputIndex, say, callId, name }: Called): OpenFunctionCall {
  const place = { output_index: outputIndex, item_id: id };
  let text = "";
  const item = (status: ItemStatus): ResponseOutputItem => ({
    id,
    type: "function_call",
    status,
    call_id: callId,
    name,
    arguments: text,
  });
  say({
    type: "response.output_item.added",
    output_index: outputIndex,
    item: item("in_progress"),
  });
  return {
    add(delta) {
      if (delta === "") return;
      text += delta;
      say({ type: "response.function_call_arguments.delta", ...place, delta });
    },
    close(status) {
      const closed = item(status);
      const whole = { name, arguments: text };
      say({ type: "response.function_call_arguments.done", ...place, ...whole });
      say({ type: "response.output_item.done", output_index: outputIndex, item: closed });
      return closed;
    },
  };
}
