import type OpenAI from "openai";

/** One call of OpenAI's client, as docs/openai-transcripts.md shows it. */
export interface TranscriptCall {
  readonly title: string;
  /** Sent by the client as it is written here. */
  readonly run: (client: OpenAI, models: TranscriptModels) => Promise<unknown>;
}

/** Models that cannot be named before they are made. */
export interface TranscriptModels {
  readonly embed: string;
  readonly rank: string;
}

const model = "hello-bee";
const messages = [{ role: "user" as const, content: "Tell me a story" }];
const quick = { model, messages, max_tokens: 6, temperature: 0 };

// The client's types do not know it.
const withStory = { rbee: { narration: true } };

const weather = {
  type: "function" as const,
  function: {
    name: "get_weather",
    parameters: {
      type: "object",
      properties: { city: { enum: ["Paris", "Rome"] } },
      required: ["city"],
    },
  },
};

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _event of stream);
}

/** In the order of the page; the first one finds no model loaded. */
export const transcriptCalls: readonly TranscriptCall[] = [
  {
    title: "A stream while the model loads, with the story",
    run: async (client) =>
      drain(
        await client.chat.completions.create({
          ...quick,
          stream: true,
          stream_options: { include_usage: true },
          ...withStory,
        }),
      ),
  },
  { title: "A chat", run: (client) => client.chat.completions.create(quick) },
  {
    title: "Several choices in one stream",
    run: async (client) =>
      drain(
        await client.chat.completions.create({
          ...quick,
          max_tokens: 2,
          n: 2,
          seed: 7,
          temperature: 1,
          stream: true,
        }),
      ),
  },
  {
    title: "Log probabilities",
    run: (client) =>
      client.chat.completions.create({ ...quick, max_tokens: 2, logprobs: true, top_logprobs: 2 }),
  },
  {
    title: "A function call",
    run: (client) =>
      client.chat.completions.create({
        ...quick,
        max_tokens: 200,
        tools: [weather],
        tool_choice: { type: "function", function: { name: "get_weather" } },
      }),
  },
  {
    title: "A function call, streamed",
    run: async (client) =>
      drain(
        await client.chat.completions.create({
          ...quick,
          max_tokens: 200,
          tools: [weather],
          tool_choice: { type: "function", function: { name: "get_weather" } },
          stream: true,
        }),
      ),
  },
  {
    title: "JSON by a schema",
    run: (client) =>
      client.chat.completions.create({
        ...quick,
        max_tokens: 100,
        response_format: {
          type: "json_schema",
          json_schema: { name: "place", schema: weather.function.parameters },
        },
      }),
  },
  {
    title: "Texts, with their prompts",
    run: (client) =>
      client.completions.create({
        model,
        prompt: ["Once upon", "The bee"],
        max_tokens: 4,
        temperature: 0,
        echo: true,
      }),
  },
  {
    title: "A response",
    run: (client) =>
      client.responses.create({
        model,
        input: "Tell me a story",
        max_output_tokens: 6,
        store: false,
      }),
  },
  {
    title: "A response, streamed",
    run: async (client) =>
      drain(
        await client.responses.create({
          model,
          input: "Tell me a story",
          max_output_tokens: 3,
          store: false,
          stream: true,
        }),
      ),
  },
  {
    title: "Embeddings",
    run: (client, { embed }) =>
      client.embeddings.create({
        model: embed,
        input: ["honey", "rain"],
        encoding_format: "float",
      }),
  },
  {
    title: "Rerank",
    run: (client, { rank }) =>
      client.post("/rerank", {
        body: {
          model: rank,
          query: "honey",
          documents: ["the bee makes honey", "rain in town"],
          return_documents: true,
        },
      }),
  },
  { title: "The models", run: (client) => client.models.list() },
  { title: "One model", run: (client) => client.models.retrieve("hello-bee") },
  {
    title: "A model that nobody knows",
    run: (client) => client.chat.completions.create({ ...quick, model: "gpt-4o" }),
  },
  {
    title: "A field that cannot be honoured",
    run: (client) => client.completions.create({ model, prompt: "Once", best_of: 4 }),
  },
];
