// A conversation, streamed. The only change to a program for OpenAI is the address.
import OpenAI from "openai";

const { RBEE_URL = "http://127.0.0.1:8080", RBEE_MODEL: model = "hello-bee" } = process.env;
// Without keys at the queen any text will do.
const client = new OpenAI({
  baseURL: `${RBEE_URL}/v1`,
  apiKey: process.env.RBEE_API_KEY ?? "none",
  // A model that is not in memory is fetched and loaded first: that may take minutes.
  timeout: 15 * 60 * 1000,
});

const stream = await client.chat.completions.create({
  model,
  messages: [{ role: "user", content: "Tell me a story about a bee." }],
  max_tokens: 60,
  stream: true,
  stream_options: { include_usage: true },
});
for await (const { choices, usage } of stream) {
  process.stdout.write(choices[0]?.delta.content ?? "");
  if (usage) console.log(`\n(${usage.completion_tokens} tokens)`);
}
