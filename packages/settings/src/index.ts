export * from "./hub-access.ts";
export * from "./installation.ts";
export * from "./load-settings.ts";
export * from "./paths.ts";
export * from "./plan-reload.ts";
export * from "./secrets.ts";
export * from "./settings-schema.ts";
export * from "./worker-manifest.ts";
