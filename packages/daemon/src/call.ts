import type { KeyScope, Route, TaskPriority } from "@rbee/contract";
import type { z } from "zod";
import type { SseWriter } from "./sse-response.ts";

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;

/** Who asks, as far as a key tells. */
export interface Caller {
  /** Of the key; where none is needed, the address that the request comes from. */
  readonly id: string;
  readonly name: string;
  readonly scope: KeyScope;
  /** References that this caller may use; undefined: all. */
  readonly models: readonly string[] | undefined;
  /** The highest that its tasks may have. */
  readonly priority: TaskPriority;
}

/** One request to one operation, validated. */
export interface Call<Operation extends Route> {
  /** The named parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Output<Operation["query"]>;
  readonly body: Output<Operation["body"]>;
  readonly correlationId: string;
  /** Who asks, as far as that is known: the address it comes from. */
  readonly client: string;
  readonly caller: Caller;
  readonly traceparent: string | undefined;
  /** True when the client asked for `text/event-stream`, where there is a choice. */
  readonly wantsEvents: boolean;
  readonly deadline: Date | undefined;
  /**
   * Aborts when the client is gone (REQUEST_CANCELED) or the deadline has passed
   * (REQUEST_TIMEOUT); the reason is the error to throw.
   */
  readonly signal: AbortSignal;
  /** Adds a header to the answer, whichever it becomes. */
  readonly setHeader: (name: string, value: string) => void;
  /** Tells a client that waits for one JSON answer that it is worked on; see `informClient`. */
  readonly inform: (headers: Readonly<Record<string, string>>) => void;
  /** Answers with a connection of that name, which later streams may be sent over. */
  readonly shareConnection: (name: string) => Response;
  /** Answers with a stream of events; see `sseResponse`. */
  readonly stream: (
    produce: (writer: SseWriter) => Promise<void>,
    options?: { readonly headers?: Readonly<Record<string, string>> },
  ) => Response;
}

/** The JSON answer, checked by the compiler against the contract, or a stream. */
export type Handler<Operation extends Route> = (
  call: Call<Operation>,
) => Promise<Input<Operation["answer"]> | Response> | Input<Operation["answer"]> | Response;

export type RouteTable = Readonly<Record<string, Route>>;

/** Handlers by operation. An operation without a handler is not mounted and not published. */
export type Handlers<Routes extends RouteTable> = {
  readonly [Name in keyof Routes]?: Handler<Routes[Name]>;
};
