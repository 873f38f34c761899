import { z } from "zod";
import { ResponseEvent } from "../openai/responses-events.ts";
import { ResponseRequest } from "../openai/responses-request.ts";
import { ResponseResult } from "../openai/responses-result.ts";
import { defineRoutes } from "./define-route.ts";
import { openAiTaskErrors } from "./openai-routes.ts";

const kept = { scope: "use", errors: ["RESPONSE_NOT_FOUND"], answer: z.never() } as const;

/** The Responses API of OpenAI at the queen. */
export const responsesRoutes = defineRoutes({
  createResponse: {
    method: "post",
    path: "/v1/responses",
    summary: "An answer of a model, as OpenAI's Responses API gives it",
    scope: "use",
    isChat: true,
    body: ResponseRequest,
    answer: ResponseResult,
    events: ResponseEvent,
    // It ends with its own last event; OpenAI sends no `[DONE]` here.
    endless: true,
    errors: openAiTaskErrors,
  },
  getResponse: {
    method: "get",
    path: "/v1/responses/:response_id",
    summary: "An earlier response: never there, since none is kept",
    ...kept,
  },
  deleteResponse: {
    method: "delete",
    path: "/v1/responses/:response_id",
    summary: "Deletes an earlier response: never there, since none is kept",
    ...kept,
  },
  cancelResponse: {
    method: "post",
    path: "/v1/responses/:response_id/cancel",
    summary: "Cancels a response in the background: never there; close the stream instead",
    ...kept,
  },
  listResponseItems: {
    method: "get",
    path: "/v1/responses/:response_id/input_items",
    summary: "The input of an earlier response: never there, since none is kept",
    ...kept,
  },
});
