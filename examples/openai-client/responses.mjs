// The Responses API: a stream, a function that the model calls, and an answer that follows a schema.
import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";

const { RBEE_URL = "http://127.0.0.1:8080", RBEE_MODEL: model = "hello-bee" } = process.env;
const client = new OpenAI({
  baseURL: `${RBEE_URL}/v1`,
  apiKey: process.env.RBEE_API_KEY ?? "none",
});

const story = client.responses
  .stream({ model, input: "Tell me a story about a bee.", max_output_tokens: 40 })
  .on("response.output_text.delta", ({ delta }) => void process.stdout.write(delta));
const { status, usage } = await story.finalResponse();
console.log(`\n(${status}, ${usage.output_tokens} tokens)`);

const tools = [
  {
    type: "function",
    name: "get_weather",
    description: "The weather at a place",
    parameters: {
      type: "object",
      properties: { place: { type: "string", enum: ["Paris", "Rome"] } },
      required: ["place"],
      additionalProperties: false,
    },
    strict: true,
  },
];
// rbee keeps no conversations: what was said before is sent again.
const said = [{ role: "user", content: "How is the weather in Rome?" }];
const { output } = await client.responses.create({
  model,
  input: said,
  tools,
  tool_choice: "required",
});
const calls = output.filter(({ type }) => type === "function_call");
for (const call of calls) {
  console.log(`${call.name}(${call.arguments})`);
  said.push(call, { type: "function_call_output", call_id: call.call_id, output: "Sunny, 24 °C" });
}
const answer = await client.responses.create({ model, input: said, max_output_tokens: 30 });
console.log(answer.output_text);

const { output_parsed: colour } = await client.responses.parse({
  model,
  input: "Choose a colour.",
  text: { format: zodTextFormat(z.object({ colour: z.enum(["red", "green"]) }), "choice") },
});
console.log(colour);
