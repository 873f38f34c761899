export * from "./open-tracer.ts";
export * from "./silent-tracer.ts";
export * from "./traceparent.ts";
export type * from "./tracer.ts";
