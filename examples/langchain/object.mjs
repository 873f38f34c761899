// An answer that follows a schema: the model cannot write anything else.
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";

const { RBEE_URL = "http://127.0.0.1:8080", RBEE_MODEL: model = "hello-bee" } = process.env;
const chat = new ChatOpenAI({
  model,
  apiKey: process.env.RBEE_API_KEY ?? "none",
  configuration: { baseURL: `${RBEE_URL}/v1` },
});

const Bee = z.object({ job: z.enum(["queen", "worker", "drone"]), isBusy: z.boolean() });
const bee = await chat
  .withStructuredOutput(Bee, { name: "bee", method: "jsonSchema", strict: true })
  .invoke("Invent a bee.");
console.log(bee);
