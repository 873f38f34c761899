// A function that the model calls, and the conversation that goes on with what it returned.
import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";

const { RBEE_URL = "http://127.0.0.1:8080", RBEE_MODEL: model = "hello-bee" } = process.env;
const chat = new ChatOpenAI({
  model,
  apiKey: process.env.RBEE_API_KEY ?? "none",
  configuration: { baseURL: `${RBEE_URL}/v1` },
});

const weather = tool(({ place }) => `Sunny in ${place}, 24 °C`, {
  name: "weather",
  description: "The weather at a place",
  schema: z.object({ place: z.enum(["Paris", "Rome"]) }),
});
const messages = [new HumanMessage("How is the weather in Rome?")];
// Small models seldom call functions of their own accord.
const called = await chat.bindTools([weather], { tool_choice: "required" }).invoke(messages);
messages.push(called);
for (const call of called.tool_calls) {
  console.log(call.name, call.args);
  messages.push(await weather.invoke(call));
}
console.log((await chat.invoke(messages, { max_tokens: 30 })).text);
