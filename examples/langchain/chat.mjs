// Invoke and stream.
import { ChatOpenAI } from "@langchain/openai";

const { RBEE_URL = "http://127.0.0.1:8080", RBEE_MODEL: model = "hello-bee" } = process.env;
const chat = new ChatOpenAI({
  model,
  apiKey: process.env.RBEE_API_KEY ?? "none",
  configuration: { baseURL: `${RBEE_URL}/v1` },
  maxTokens: 40,
});

const answer = await chat.invoke([
  ["system", "You tell stories."],
  ["human", "Say something about bees."],
]);
console.log(answer.text, `(${answer.usage_metadata.output_tokens} tokens)`);

for await (const piece of await chat.stream("Tell me a story about a bee.")) {
  process.stdout.write(piece.text);
}
console.log();
