import { setTimeout as delay } from "node:timers/promises";
import { ensureRandomModel, modelShapes } from "../engine/write-random-model.ts";
import type { Bench, Row, Section } from "../section.ts";
import { findMedian, renderRange } from "../statistics.ts";
import { modelFolder, openTwoNodes, spawnOn, tokenizerModel } from "./open-two-nodes.ts";
import type { TwoNodes } from "./open-two-nodes.ts";

const clients = 8;
const prompts = 8;
const slots = 4;
const context = 2560;
// The first of a round brings the workers back from the road before, and does not count.
const questions = 5;
const answerTokens = 4;
const thinkMs = 3000;
const ratioMin = 2;

// Of all clients together, as a proxy in front of the workers would deal requests out.
let turns = 0;

type Road = "affinity" | "round robin";

interface Answer {
  readonly firstTokenMs: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** Whether a request finds the worker that has read its beginning already. */
export const affinitySection: Section = {
  name: "affinity",
  summary: "8 clients with long shared system prompts on two workers, against round robin",
  limitMs: 900_000,
  async run(bench) {
    const file = ensureRandomModel(modelShapes["15m"], modelFolder, tokenizerModel);
    const model = `file:${file}`;
    const nodes = await openTwoNodes(bench, { worker: { threads: 1 } });
    for (const node of nodes.names) await spawnOn(nodes.queen, { node, model, slots, context });
    const measured: Record<Road, Answer[][]> = { affinity: [], "round robin": [] };
    for (let round = 0; round <= bench.rounds; round += 1) {
      for (const road of ["round robin", "affinity"] as const) {
        const answers = await askAll({ bench, nodes, model, road, round });
        bench.tell(`round ${round} ${road.padEnd(11)} ${renderAnswers(answers)}`);
        // The first round does not count: code is compiled, nobody has read anything.
        if (round > 0) measured[road].push(answers);
      }
    }
    return rowsOf(measured);
  },
};

interface Asking {
  readonly bench: Bench;
  readonly nodes: TwoNodes;
  readonly model: string;
  readonly road: Road;
  readonly round: number;
}

async function askAll(asking: Asking): Promise<Answer[]> {
  const answers = await Promise.all(
    Array.from({ length: clients }, (_, client) => askAs(asking, client)),
  );
  return answers.flat();
}

// One client: the same long beginning each time, another question, a moment to read the answer.
async function askAs({ bench, nodes, model, road, round }: Asking, client: number) {
  const answers: Answer[] = [];
  const system = systemPrompt(client % prompts);
  // They do not come in step.
  await delay((client * thinkMs) / clients);
  for (let question = 0; question < questions; question += 1) {
    turns += 1;
    const turn = nodes.names[turns % nodes.names.length];
    const place = road === "affinity" || turn === undefined ? {} : { node: turn };
    const text = `${system}\nQuestion ${round}.${client}.${question} (${road}): what then?`;
    const answer = await ask({ bench, nodes, model, text, place });
    if (question > 0) answers.push(answer);
    await delay(thinkMs);
  }
  return answers;
}

interface Question extends Pick<Asking, "bench" | "nodes" | "model"> {
  readonly text: string;
  readonly place: { readonly node?: string };
}

async function ask({ bench, nodes, model, text, place }: Question): Promise<Answer> {
  const startedAt = performance.now();
  const body = { model, prompt: text, max_tokens: answerTokens, temperature: 0, ...place };
  const stream = await nodes.queen.stream("createTask", { body, signal: bench.signal });
  let firstTokenMs = Number.NaN;
  let tokens = { promptTokens: 0, cachedTokens: 0 };
  for await (const event of stream) {
    if (event.type === "error") throw new Error(event.error.message);
    if (event.type === "started") {
      tokens = { promptTokens: event.prompt_tokens, cachedTokens: event.cached_tokens };
    }
    if (event.type === "token" && Number.isNaN(firstTokenMs)) {
      firstTokenMs = performance.now() - startedAt;
    }
  }
  return { firstTokenMs, ...tokens };
}

const words = ["bee", "hive", "honey", "flower", "queen", "meadow", "wing", "summer", "river"];

// About 1,500 tokens that differ from the first word on.
function systemPrompt(number: number): string {
  const text = Array.from({ length: 1200 }, (_, index) => {
    const word = words[(index * (number + 2) + number) % words.length];
    return index % 12 === 11 ? `${word}.` : word;
  });
  return `Prompt ${number}. ${text.join(" ")}`;
}

function meanOf(answers: readonly Answer[], figure: (answer: Answer) => number): number {
  return answers.reduce((sum, answer) => sum + figure(answer), 0) / answers.length;
}

const firstToken = ({ firstTokenMs }: Answer) => firstTokenMs;
const cachedShare = ({ promptTokens, cachedTokens }: Answer) => cachedTokens / promptTokens;

function renderAnswers(answers: readonly Answer[]): string {
  const share = Math.round(meanOf(answers, cachedShare) * 100);
  return `first token after ${meanOf(answers, firstToken).toFixed(0)} ms, ${share} % of the prompt not read again`;
}

function rowsOf(measured: Record<Road, Answer[][]>): Row[] {
  const means = (road: Road) => measured[road].map((answers) => meanOf(answers, firstToken));
  const shares = (road: Road) =>
    measured[road].map((answers) => meanOf(answers, cachedShare) * 100);
  const ratios = means("round robin").map((mean, index) => mean / (means("affinity")[index] ?? 0));
  const size = meanOf(measured.affinity.flat(), ({ promptTokens }) => promptTokens);
  return [
    {
      name: `mean time to first token, ${clients} clients, ${prompts} prompts of ${size.toFixed(0)} tokens, two workers of ${slots} slots: round robin`,
      measured: `${renderRange(means("round robin"), 0)} ms`,
    },
    { name: "... with the queen's choice", measured: `${renderRange(means("affinity"), 0)} ms` },
    {
      name: "... ratio",
      measured: renderRange(ratios, 2),
      target: `>= ${ratioMin}`,
      isMet: findMedian(ratios) >= ratioMin,
    },
    {
      name: "... of the prompt not read again",
      measured: `${renderRange(shares("affinity"), 0)} %; round robin ${renderRange(shares("round robin"), 0)} %`,
    },
  ];
}
