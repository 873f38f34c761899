// What can be asked for, and what an error looks like.
import OpenAI from "openai";

const { RBEE_URL = "http://127.0.0.1:8080" } = process.env;
const client = new OpenAI({
  baseURL: `${RBEE_URL}/v1`,
  apiKey: process.env.RBEE_API_KEY ?? "none",
});

for await (const { id } of client.models.list()) console.log(id);

try {
  await client.chat.completions.create({
    model: "gpt-9",
    messages: [{ role: "user", content: "Hi" }],
  });
} catch (error) {
  if (!(error instanceof OpenAI.NotFoundError)) throw error;
  console.log(error.code, error.message);
}
