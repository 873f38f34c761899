export * from "./clients.ts";
export * from "./create-client.ts";
export * from "./read-event-stream.ts";
export * from "./transport-error.ts";
