// An answer that follows a schema: the model cannot write anything else.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, Output } from "ai";
import { z } from "zod";

const { RBEE_URL = "http://127.0.0.1:8080", RBEE_MODEL = "hello-bee" } = process.env;
const rbee = createOpenAICompatible({
  name: "rbee",
  baseURL: `${RBEE_URL}/v1`,
  apiKey: process.env.RBEE_API_KEY ?? "none",
  supportsStructuredOutputs: true,
});

const { output } = await generateText({
  model: rbee(RBEE_MODEL),
  prompt: "Invent a bee.",
  output: Output.object({
    schema: z.object({ job: z.enum(["queen", "worker", "drone"]), isBusy: z.boolean() }),
  }),
});
console.log(output);
