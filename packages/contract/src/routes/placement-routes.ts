import { defineRoutes } from "./define-route.ts";

/** Where a model would run, and why. */
export const placementRoutes = defineRoutes({});
