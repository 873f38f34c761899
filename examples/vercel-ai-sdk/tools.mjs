// A function that the model calls: the SDK runs it and asks again with what it returned.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, tool } from "ai";
import { z } from "zod";

const { RBEE_URL = "http://127.0.0.1:8080", RBEE_MODEL = "hello-bee" } = process.env;
const rbee = createOpenAICompatible({
  name: "rbee",
  baseURL: `${RBEE_URL}/v1`,
  apiKey: process.env.RBEE_API_KEY ?? "none",
});

const weather = tool({
  description: "The weather at a place",
  inputSchema: z.object({ place: z.enum(["Paris", "Rome"]) }),
  execute: async ({ place }) => ({ place, sky: "sunny", degrees: 24 }),
});
const { toolCalls, toolResults } = await generateText({
  model: rbee(RBEE_MODEL),
  prompt: "How is the weather in Rome?",
  tools: { weather },
  // Small models seldom call functions of their own accord.
  toolChoice: "required",
});
for (const { toolName, input } of toolCalls) console.log(toolName, input);
for (const { output } of toolResults) console.log(output);
