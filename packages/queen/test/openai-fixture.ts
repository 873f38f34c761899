import { createBox } from "@rbee/testkit";
import type { Box, SettingsTree } from "@rbee/testkit";
import OpenAI from "openai";

/** A running queen with a real worker behind it, and OpenAI's own client for it. */
export interface OpenAiBox extends AsyncDisposable {
  readonly box: Box;
  readonly client: OpenAI;
  /** Without `/v1`. */
  readonly url: string;
  /** Sends a body as it is and gives the answer as it came. */
  readonly post: (path: string, body: object, init?: RequestInit) => Promise<Response>;
}

export async function openOpenAiBox(settings: SettingsTree = {}): Promise<OpenAiBox> {
  const box = await createBox({ settings: { aliases: { bee: "hello-bee" }, ...settings } });
  await box.startQueenAsOperator();
  const url = `http://127.0.0.1:${box.queenPort}`;
  return {
    box,
    url,
    client: openClient(url),
    post: (path, body, init) =>
      fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body), ...init }),
    [Symbol.asyncDispose]: () => box.close(),
  };
}

/** OpenAI's client as a person would set it up; what it is told it does once. */
export function openClient(url: string, apiKey = "none-needed"): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
}

export interface WireStream {
  /** The data of each event, parsed, without the end mark. */
  readonly events: readonly Record<string, unknown>[];
  readonly comments: readonly string[];
  /** The data of the last event. */
  readonly last: string;
}

/** An event stream, taken apart as it stands on the wire. */
export function readWire(text: string): WireStream {
  const frames = text.split("\n\n").filter((frame) => frame !== "");
  const data = frames.filter((frame) => frame.startsWith("data: ")).map((frame) => frame.slice(6));
  return {
    events: data
      .filter((event) => event !== "[DONE]")
      .map((event) => JSON.parse(event) as Record<string, unknown>),
    comments: frames.filter((frame) => frame.startsWith(": ")).map((frame) => frame.slice(2)),
    last: data.at(-1) ?? "",
  };
}
