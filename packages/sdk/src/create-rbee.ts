import { ports } from "@rbee/contract";
import type { queenRoutes, TaskRequest } from "@rbee/contract";
import { createAnswer } from "./create-answer.ts";
import type { Answer } from "./create-answer.ts";
import type { CallOptions, Fetch } from "./create-client.ts";
import { createQueen } from "./create-queen.ts";
import type { Queen, RequestOptions } from "./create-queen.ts";

type Routes = typeof queenRoutes;
type Body<Name extends keyof Routes> = NonNullable<CallOptions<Routes[Name]>["body"]>;
type Query<Name extends keyof Routes> = NonNullable<CallOptions<Routes[Name]>["query"]>;
type Options = RequestOptions;

export interface RbeeOptions {
  /** Where the queen is; at her usual port of this machine unless it says otherwise. */
  readonly baseUrl?: string;
  /** An API key, or where to find the one of now. */
  readonly apiKey?: string | (() => string | undefined) | undefined;
  /** Another `fetch` than the standard's. */
  readonly fetch?: Fetch;
  /** The default of every request: for an answer, or the head of a stream. */
  readonly timeoutMs?: number;
  /** The default of every request: further attempts after the first. */
  readonly retries?: number;
}

/** A raw prompt, as it is given to the model. */
export type InferRequest = Omit<TaskRequest, "messages" | "stream"> & { readonly prompt: string };
/** Messages, brought into the model's own form. */
export type ChatRequest = Omit<TaskRequest, "prompt" | "stream"> & {
  readonly messages: NonNullable<TaskRequest["messages"]>;
};

/** A private LLM service: everything that its queen can be asked, in words. */
export type Rbee = ReturnType<typeof createRbee>;

export function createRbee(options: RbeeOptions = {}) {
  const { baseUrl = `http://127.0.0.1:${ports.queen}`, apiKey, ...rest } = options;
  const key = typeof apiKey === "function" ? apiKey : () => apiKey;
  const queen = createQueen({ baseUrl: baseUrl.replace(/\/+$/, ""), key, ...rest });
  return { ...models(queen), ...machines(queen), ...operation(queen) };
}

/** Asking models. */
function models(queen: Queen) {
  const ask = (body: TaskRequest, options?: Options): Answer =>
    createAnswer(queen.follow("createTask", { body }, options));
  return {
    /** Continues a raw prompt. */
    infer: (request: InferRequest, options?: Options) => ask(request, options),
    /** Answers a conversation. */
    chat: (request: ChatRequest, options?: Options) => ask(request, options),
    /** Vectors of texts. */
    embed: (body: Body<"createEmbeddings">, options?: Options) =>
      queen.ask("createEmbeddings", { body }, options),
    /** Documents by how well they answer a query. */
    rerank: (body: Body<"rerank">, options?: Options) => queen.ask("rerank", { body }, options),
    tasks: {
      list: (options?: Options) => queen.ask("listTasks", {}, options),
      cancel: (taskId: string, options?: Options) =>
        queen.ask("cancelTask", { params: { task_id: taskId } }, options),
    },
    models: {
      /** What can be asked for, over all nodes. */
      available: (options?: Options) => queen.ask("listOpenAiModels", {}, options),
      /** The catalogue of one node. */
      list: (query: Query<"listModels"> = {}, options?: Options) =>
        queen.ask("listModels", { query }, options),
      get: (id: string, query: Query<"getModel"> = {}, options?: Options) =>
        queen.ask("getModel", { params: { id }, query }, options),
      remove: (id: string, query: Query<"deleteModel"> = {}, options?: Options) =>
        queen.ask("deleteModel", { params: { id }, query }, options),
      pull: (body: Body<"pullModel">, options?: Options) =>
        queen.follow("pullModel", { body }, options),
      verify: (body: Body<"verifyModels"> = {}, options?: Options) =>
        queen.follow("verifyModels", { body }, options),
    },
    placement: {
      /** Where a model would run, and why. */
      explain: (query: Query<"explainPlacement">, options?: Options) =>
        queen.ask("explainPlacement", { query }, options),
    },
  };
}

/** The machines and what runs on them. */
function machines(queen: Queen) {
  return {
    nodes: {
      list: (options?: Options) => queen.ask("listNodes", {}, options),
      showHostKey: (body: Body<"showHostKey">, options?: Options) =>
        queen.ask("showHostKey", { body }, options),
      add: (body: Body<"addNode">, options?: Options) => queen.ask("addNode", { body }, options),
      update: (body: Body<"updateNode">, options?: Options) =>
        queen.ask("updateNode", { body }, options),
      remove: (name: string, options?: Options) =>
        queen.ask("removeNode", { body: { node_name: name } }, options),
      install: (body: Body<"installNode">, options?: Options) =>
        queen.follow("installNode", { body }, options),
    },
    hives: {
      status: (query: Query<"hiveStatus"> = {}, options?: Options) =>
        queen.ask("hiveStatus", { query }, options),
      start: (body: Body<"startHive"> = {}, options?: Options) =>
        queen.follow("startHive", { body }, options),
      stop: (body: Body<"stopHive"> = {}, options?: Options) =>
        queen.follow("stopHive", { body }, options),
      restart: (body: Body<"restartHive"> = {}, options?: Options) =>
        queen.follow("restartHive", { body }, options),
    },
    workers: {
      list: (query: Query<"listWorkers"> = {}, options?: Options) =>
        queen.ask("listWorkers", { query }, options),
      health: (query: Query<"workersHealth"> = {}, options?: Options) =>
        queen.ask("workersHealth", { query }, options),
      /** Loads a model ahead of time. */
      spawn: (body: Body<"spawnWorker">, options?: Options) =>
        queen.follow("spawnWorker", { body }, options),
      shutdown: (workerId: string, options?: Options) =>
        queen.ask("shutdownWorker", { body: { worker_id: workerId } }, options),
    },
  };
}

/** Who may ask, and how things are. */
function operation(queen: Queen) {
  return {
    health: (options?: Options) => queen.ask("health", {}, options),
    doctor: (query: Query<"doctor"> = {}, options?: Options) =>
      queen.ask("doctor", { query }, options),
    settings: (options?: Options) => queen.ask("settings", {}, options),
    /** The live state: nodes, devices, workers, tasks; without an end. */
    events: (options?: Options) => queen.follow("events", {}, options),
    logs: (query: Query<"logs"> = {}, options?: Options) =>
      queen.follow("logs", { query }, options),
    keys: {
      list: (options?: Options) => queen.ask("listKeys", {}, options),
      create: (body: Body<"createKey">, options?: Options) =>
        queen.ask("createKey", { body }, options),
      revoke: (id: string, options?: Options) =>
        queen.ask("revokeKey", { params: { id } }, options),
      usage: (query: Query<"keyUsage"> = {}, options?: Options) =>
        queen.ask("keyUsage", { query }, options),
    },
    /** Stops everything that this queen started, then her. */
    shutdown: (options?: Options) => queen.ask("shutdown", {}, options),
  };
}
