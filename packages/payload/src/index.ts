export * from "./describe-platform.ts";
export type { Payload, PayloadFile, PayloadInput, PayloadProgress } from "./payload.ts";
export { assemblePayload } from "./assemble-payload.ts";
export { gpuKindsOf } from "./payload-parts.ts";
export * from "./unpack/unpack-protocol.ts";
