export * from "./describe-platform.ts";
export type { Payload, PayloadFile, PayloadInput, PayloadProgress } from "./payload.ts";
export { assemblePayload } from "./assemble-payload.ts";
