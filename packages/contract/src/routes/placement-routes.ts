import { PlacementExplanation, PlacementQuery } from "../placement.ts";
import { defineRoutes } from "./define-route.ts";

/** Where a model would run, and why. */
export const placementRoutes = defineRoutes({
  explainPlacement: {
    method: "get",
    path: "/v2/placement/explain",
    summary: "For every node: whether a model fits, by how much not, or why not; and the choice",
    query: PlacementQuery,
    answer: PlacementExplanation,
    errors: ["INVALID_MODEL_REF", "INVALID_BACKEND", "NODE_NOT_FOUND", "MODEL_NOT_FOUND"],
  },
});
