import type OpenAI from "openai";
import type { TranscriptCall } from "./transcript-calls.ts";

const model = "hello-bee";
const question = { role: "user" as const, content: "How is the weather in Rome?" };
const schema = {
  type: "object",
  properties: { city: { enum: ["Paris", "Rome"] } },
  required: ["city"],
  additionalProperties: false,
};
const tools = [
  { type: "function" as const, name: "get_weather", parameters: schema, strict: true },
];

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _event of stream);
}

const streamed = async (client: OpenAI, body: object) =>
  drain(await client.responses.create({ model, input: "", ...body, stream: true }));

/** The calls of docs/responses-api.md, in its order. */
export const responseTranscriptCalls: readonly TranscriptCall[] = [
  {
    title: "A response",
    run: (client) =>
      client.responses.create({
        model,
        instructions: "You tell stories.",
        input: "Tell me a story",
        max_output_tokens: 6,
        metadata: { chapter: "one" },
      }),
  },
  {
    title: "A response, streamed",
    run: (client) => streamed(client, { input: "Tell me a story", max_output_tokens: 3 }),
  },
  {
    title: "A function call, streamed",
    run: (client) => streamed(client, { input: [question], tools, tool_choice: "required" }),
  },
  {
    title: "What the function returned",
    run: (client) =>
      client.responses.create({
        model,
        tools,
        tool_choice: "none",
        max_output_tokens: 6,
        input: [
          question,
          {
            type: "function_call",
            call_id: "call_1",
            name: "get_weather",
            arguments: '{"city":"Rome"}',
          },
          { type: "function_call_output", call_id: "call_1", output: "Sunny, 24 °C" },
        ],
      }),
  },
  {
    title: "JSON by a schema",
    run: (client) =>
      client.responses.create({
        model,
        input: "Choose a city",
        text: { format: { type: "json_schema", name: "choice", schema, strict: true } },
      }),
  },
  {
    title: "Log probabilities",
    run: (client) =>
      client.responses.create({
        model,
        input: "Tell me a story",
        max_output_tokens: 2,
        include: ["message.output_text.logprobs"],
        top_logprobs: 2,
      }),
  },
  {
    title: "What cannot be honoured",
    run: (client) =>
      client.responses.create({ model, input: "Hi", previous_response_id: "resp_1", store: true }),
  },
  { title: "An earlier response", run: (client) => client.responses.retrieve("resp_1") },
];
