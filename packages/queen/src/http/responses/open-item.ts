import type { ResponseEvent, ResponseOutputItem } from "@rbee/contract";

type WithoutNumber<Event> = Event extends unknown ? Omit<Event, "sequence_number"> : never;

/** Tells an event; the number is given when it is told. */
export type Say = (event: WithoutNumber<ResponseEvent>) => void;

export type ItemStatus = ResponseOutputItem["status"];

/** Where an item stands in the output, and who tells of it. */
export interface Place {
  readonly id: string;
  readonly outputIndex: number;
  readonly say: Say;
}

/** An item of the output that still grows. */
export interface OpenItem {
  /** Tells its end; gives it as it stays. */
  readonly close: (status: ItemStatus) => ResponseOutputItem;
}
