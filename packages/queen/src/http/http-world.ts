import type { QueenEvent, queenRoutes } from "@rbee/contract";
import type { Handler, Logger } from "@rbee/daemon";
import type { WorkerView } from "../domain/worker-view.ts";
import type { NodeRegistrar } from "../flow/create-node-registrar.ts";
import type { StopStory } from "../flow/stop-story.ts";
import type { NodeDoctor } from "../flow/examine-node.ts";
import type { TaskRegistry } from "../flow/task-registry.ts";
import type { TaskRunner } from "../flow/run-task.ts";
import type { QueenKeys } from "../key-ports.ts";
import type { NodeInstaller, NodeRegistry } from "../node-ports.ts";
import type { Hives, Nodes, QueenLogs } from "../ports.ts";

/** What the operations are made of. */
export interface HttpWorld {
  readonly identity: QueenIdentity;
  readonly nodes: Nodes;
  readonly registry: NodeRegistry;
  readonly registrar: NodeRegistrar;
  readonly installer: NodeInstaller;
  readonly nodeDoctor: NodeDoctor;
  readonly hives: Hives;
  readonly view: WorkerView;
  readonly tasks: TaskRegistry;
  readonly runner: TaskRunner;
  readonly logs: QueenLogs;
  readonly keys: QueenKeys;
  readonly logger: Logger;
  /** Configured names for references. */
  readonly aliases: () => Readonly<Record<string, string>>;
  readonly settings: () => SettingsReport;
  /** The state for consoles as it changes; see `/v2/events`. */
  readonly watchState: (signal: AbortSignal) => AsyncIterable<QueenEvent>;
  /** Limit of a graceful stop of one worker, answer included. */
  readonly workerStopTimeoutMs: () => number;
  /** Throws SHUTTING_DOWN when no new work is taken. */
  readonly requireOpen: () => void;
  readonly requestStop: () => void;
  readonly stopStory: StopStory;
}

/** The answer of `/v2/settings`. */
export type SettingsReport = Exclude<Awaited<ReturnType<QueenHandler<"settings">>>, Response>;

export interface QueenIdentity {
  readonly version: string;
  readonly instanceId: string;
  readonly pid: number;
  readonly startedAtMs: number;
}

type Routes = typeof queenRoutes;

/** The handler of one operation. */
export type QueenHandler<Name extends keyof Routes> = Handler<Routes[Name]>;
