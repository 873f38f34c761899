// generateText and streamText.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";

const { RBEE_URL = "http://127.0.0.1:8080", RBEE_MODEL = "hello-bee" } = process.env;
const rbee = createOpenAICompatible({
  name: "rbee",
  baseURL: `${RBEE_URL}/v1`,
  apiKey: process.env.RBEE_API_KEY ?? "none",
  includeUsage: true,
});
const model = rbee(RBEE_MODEL);

const { text, usage } = await generateText({
  model,
  prompt: "Say something about bees.",
  maxOutputTokens: 30,
});
console.log(text, `(${usage.outputTokens} tokens)`);

const { textStream } = streamText({
  model,
  prompt: "Tell me a story about a bee.",
  maxOutputTokens: 40,
});
for await (const piece of textStream) process.stdout.write(piece);
console.log();
