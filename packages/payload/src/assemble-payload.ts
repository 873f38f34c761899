import type { Payload, PayloadInput } from "./payload.ts";

export async function assemblePayload(input: PayloadInput): Promise<Payload> {
  throw new Error(`not there yet: ${input.platform}`);
}
