import { z } from "zod";
import { defineError } from "./error-entry.ts";

/** What only the APIs that were made by others can ask for. */
export const dialectErrors = {
  RESPONSE_NOT_FOUND: defineError({
    status: 404,
    retryable: false,
    title: "response not kept",
    details: z.object({ response_id: z.string() }),
    message: () => "There is no such response: rbee keeps no answers.",
    explain: ({ response_id: id }) => [`Asked for: ${id}`],
    hint: () => ["Keep the answer yourself, and send earlier items as input."],
    source: "OpenAI's Responses API",
  }),
} as const;
