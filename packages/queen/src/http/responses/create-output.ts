import type {
  ResponseLogprob,
  ResponseOutputItem,
  TokenEvent,
  ToolCallEvent,
} from "@rbee/contract";
import { logprobToResponse } from "./logprob-to-response.ts";
import { openFunctionCall } from "./open-function-call.ts";
import type { OpenFunctionCall } from "./open-function-call.ts";
import type { ItemStatus, Place, Say } from "./open-item.ts";
import { openMessage } from "./open-message.ts";
import type { OpenMessage } from "./open-message.ts";

/** The items of an answer, the last of which may still grow. */
export interface Output {
  readonly addToken: (event: TokenEvent) => void;
  readonly addCall: (event: ToolCallEvent) => void;
  /** An answer without a word is a message too. */
  readonly addNothing: () => void;
  /** Ends what is open. */
  readonly close: (status: ItemStatus) => readonly ResponseOutputItem[];
}

interface OutputOptions {
  /** Makes the ids of items, which are unique then. */
  readonly seed: string;
  readonly say: Say;
}

type Open =
  | { readonly kind: "message"; readonly item: OpenMessage }
  | { readonly kind: "call"; readonly index: number; readonly item: OpenFunctionCall };

export function createOutput({ seed, say }: OutputOptions): Output {
  const items: ResponseOutputItem[] = [];
  let open: Open | undefined;
  /** Of tokens whose text is held back. */
  let heldLogprobs: ResponseLogprob[] = [];

  const place = (prefix: string): Place => {
    const outputIndex = items.length;
    return { id: `${prefix}_${seed}${outputIndex}`, outputIndex, say };
  };
  const settle = (status: ItemStatus) => {
    if (open !== undefined) items.push(open.item.close(status));
    open = undefined;
  };
  const message = (): OpenMessage => {
    if (open?.kind === "message") return open.item;
    settle("completed");
    const item = openMessage(place("msg"));
    open = { kind: "message", item };
    return item;
  };
  const call = ({ index, id, name }: ToolCallEvent): OpenFunctionCall => {
    if (open?.kind === "call" && open.index === index) return open.item;
    settle("completed");
    const callId = id ?? place("call").id;
    const item = openFunctionCall({ ...place("fc"), callId, name: name ?? "" });
    open = { kind: "call", index, item };
    return item;
  };
  return {
    addToken({ token, logprob }) {
      if (logprob !== undefined) heldLogprobs.push(logprobToResponse(token, logprob));
      if (token !== "") message().add(token, heldLogprobs.splice(0));
    },
    addCall(event) {
      // They belong to tokens that the call is made of.
      heldLogprobs = [];
      call(event).add(event.arguments);
    },
    addNothing() {
      if (open === undefined && items.length === 0) message();
    },
    close(status) {
      settle(status);
      return items;
    },
  };
}
