// Writes docs/openai-transcripts.md and the transcripts of docs/responses-api.md from a run: OpenAI's own client against a queen with a real
// worker, every request and answer as they went over the wire.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createBox, writeBertModel } from "@rbee/testkit";
import OpenAI from "openai";
import { responseTranscriptCalls } from "./response-transcript-calls.ts";
import { transcriptCalls } from "./transcript-calls.ts";
import type { TranscriptCall } from "./transcript-calls.ts";

const page = join(import.meta.dirname, "../docs/openai-transcripts.md");
const responsesPage = join(import.meta.dirname, "../docs/responses-api.md");
const lead =
  "Every call of OpenAI's own JavaScript client as it goes over the wire, with the answers of a " +
  "queen whose worker has `hello-bee`, a model that is as small as its stories are silly. Long " +
  "lists are cut. What the fields mean: [the OpenAI API](openai-api.md).";

interface Exchange {
  readonly request: string;
  readonly answer: string;
}

const framesShown = { first: 10, last: 5 };
const keepAlive = ": keep-alive";
const numbersShown = 3;
const shownHeaders = /^(?:content-type|retry-after|x-rbee-)/;

const box = await createBox({ settings: { aliases: { bee: "hello-bee" } } });
try {
  const models = { embed: makeModel("embed"), rank: makeModel("rank") };
  await box.startQueenAsOperator();
  const sections = await recordAll(transcriptCalls, models);
  const mark = "<!-- Written by `scripts/write-transcripts.ts` from a run. -->";
  writeFileSync(page, `# Transcripts\n\n${mark}\n\n${lead}\n\n${sections}\n`);
  const responses = (await recordAll(responseTranscriptCalls, models)).replaceAll(/^## /gm, "### ");
  const text = readFileSync(responsesPage, "utf8").replace(
    /(<!-- transcripts: .*? -->\n)[\s\S]*?(<!-- end -->)/,
    (_whole, start: string, end: string) => `${start}\n${responses}\n\n${end}`,
  );
  writeFileSync(responsesPage, text);
} finally {
  await box.close();
}

async function recordAll(
  calls: readonly TranscriptCall[],
  models: Parameters<TranscriptCall["run"]>[1],
): Promise<string> {
  const sections: string[] = [];
  for (const call of calls) sections.push(renderSection(call.title, await record(call, models)));
  return sections.join("\n\n");
}

function makeModel(purpose: "embed" | "rank"): string {
  const path = join(box.root, `${purpose}.gguf`);
  writeBertModel(path, { name: purpose, purpose });
  return `file:${path}`;
}

async function record(
  { run }: TranscriptCall,
  models: Parameters<TranscriptCall["run"]>[1],
): Promise<Exchange> {
  let exchange: Exchange = { request: "", answer: "" };
  const client = new OpenAI({
    baseURL: `http://127.0.0.1:${box.queenPort}/v1`,
    apiKey: "none-needed",
    maxRetries: 0,
    async fetch(url, init) {
      const response = await fetch(url, init);
      const copy = response.clone();
      exchange = { request: renderRequest(urlText(url), init), answer: await renderAnswer(copy) };
      return response;
    },
  });
  // What is refused is a transcript too.
  await run(client, models).catch((error: unknown) => {
    if (!(error instanceof OpenAI.APIError)) throw error;
  });
  return exchange;
}

function urlText(url: string | URL | Request): string {
  return url instanceof Request ? url.url : url.toString();
}

function renderRequest(url: string, init: RequestInit | undefined): string {
  const line = `${init?.method?.toUpperCase() ?? "GET"} ${new URL(url).pathname}`;
  return typeof init?.body === "string" ? `${line}\n\n${renderJson(init.body)}` : line;
}

async function renderAnswer(response: Response): Promise<string> {
  const text = await response.text();
  const headers = [...response.headers]
    .filter(([name]) => shownHeaders.test(name))
    .map(([name, value]) => `${name}: ${value}`);
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const head = [`${response.status} ${response.statusText}`, ...headers].join("\n");
  return `${head}\n\n${isStream ? cutFrames(text) : renderJson(text)}`;
}

function cutFrames(text: string): string {
  const all = text.split("\n\n").filter((frame) => frame !== "");
  // One of them is enough to see.
  const frames = all.filter((frame, at) => frame !== keepAlive || all.indexOf(frame) === at);
  const left = frames.length - framesShown.first - framesShown.last;
  if (left <= 1) return frames.join("\n\n");
  const middle = `... ${left} more ...`;
  return [...frames.slice(0, framesShown.first), middle, ...frames.slice(-framesShown.last)].join(
    "\n\n",
  );
}

function renderJson(text: string): string {
  const cut = (_key: string, value: unknown) =>
    Array.isArray(value) && value.length > numbersShown && value.every(Number.isFinite)
      ? [...(value as number[]).slice(0, numbersShown), `... ${value.length - numbersShown} more`]
      : value;
  return JSON.stringify(JSON.parse(text) as unknown, cut, 2);
}

function renderSection(title: string, { request, answer }: Exchange): string {
  const code = (text: string) => `\`\`\`\`text\n${withoutPlaces(text)}\n\`\`\`\``;
  return `## ${title}\n\n${code(request)}\n\n${code(answer)}`;
}

// Where a box happens to stand says nothing to anybody.
function withoutPlaces(text: string): string {
  return text.replaceAll(box.root, "/models");
}
