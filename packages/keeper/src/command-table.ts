import type { Command } from "./define-command.ts";

export type CommandLoader = () => Promise<Command>;

// Only the command that is asked for is loaded: a start reads two files less for each one left out.
export const commandTable: Readonly<Record<string, CommandLoader>> = {
  infer: async () => (await import("./commands/infer.ts")).inferCommand,
  chat: async () => (await import("./commands/chat.ts")).chatCommand,
  "setup show-host-key": async () =>
    (await import("./commands/setup-show-host-key.ts")).setupShowHostKeyCommand,
  "setup add-node": async () => (await import("./commands/setup-add-node.ts")).setupAddNodeCommand,
  "setup update-node": async () =>
    (await import("./commands/setup-update-node.ts")).setupUpdateNodeCommand,
  "setup list-nodes": async () =>
    (await import("./commands/setup-list-nodes.ts")).setupListNodesCommand,
  "setup remove-node": async () =>
    (await import("./commands/setup-remove-node.ts")).setupRemoveNodeCommand,
  "setup install": async () => (await import("./commands/setup-install.ts")).setupInstallCommand,
  "models pull": async () => (await import("./commands/models-pull.ts")).modelsPullCommand,
  "models list": async () => (await import("./commands/models-list.ts")).modelsListCommand,
  "models show": async () => (await import("./commands/models-show.ts")).modelsShowCommand,
  "models rm": async () => (await import("./commands/models-rm.ts")).modelsRmCommand,
  "models verify": async () => (await import("./commands/models-verify.ts")).modelsVerifyCommand,
  "workers list": async () => (await import("./commands/workers-list.ts")).workersListCommand,
  "workers health": async () => (await import("./commands/workers-health.ts")).workersHealthCommand,
  "workers spawn": async () => (await import("./commands/workers-spawn.ts")).workersSpawnCommand,
  "workers shutdown": async () =>
    (await import("./commands/workers-shutdown.ts")).workersShutdownCommand,
  "tasks list": async () => (await import("./commands/tasks-list.ts")).tasksListCommand,
  "tasks cancel": async () => (await import("./commands/tasks-cancel.ts")).tasksCancelCommand,
  "hive start": async () => (await import("./commands/hive-operation.ts")).hiveStartCommand,
  "hive stop": async () => (await import("./commands/hive-operation.ts")).hiveStopCommand,
  "hive restart": async () => (await import("./commands/hive-operation.ts")).hiveRestartCommand,
  "hive status": async () => (await import("./commands/hive-status.ts")).hiveStatusCommand,
  logs: async () => (await import("./commands/logs.ts")).logsCommand,
  status: async () => (await import("./commands/status.ts")).statusCommand,
  "queen start": async () => (await import("./commands/queen-start.ts")).queenStartCommand,
  "queen stop": async () => (await import("./commands/queen-stop.ts")).queenStopCommand,
  "queen restart": async () => (await import("./commands/queen-restart.ts")).queenRestartCommand,
  "queen settings": async () => (await import("./commands/queen-settings.ts")).queenSettingsCommand,
  "queen status": async () => (await import("./commands/queen-status.ts")).queenStatusCommand,
  "placement explain": async () =>
    (await import("./commands/placement-explain.ts")).placementExplainCommand,
  "keys create": async () => (await import("./commands/keys-create.ts")).keysCreateCommand,
  "keys list": async () => (await import("./commands/keys-list.ts")).keysListCommand,
  "keys usage": async () => (await import("./commands/keys-usage.ts")).keysUsageCommand,
  "keys revoke": async () => (await import("./commands/keys-revoke.ts")).keysRevokeCommand,
  install: async () => (await import("./commands/install.ts")).installCommand,
  uninstall: async () => (await import("./commands/uninstall.ts")).uninstallCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  completion: async () => (await import("./commands/completion.ts")).completionCommand,
};

/** The first words of two-word commands. */
export const groupSummaries: Readonly<Record<string, string>> = {
  setup: "the nodes: register machines, put rbee on them",
  models: "the models of a node: fetch, list, show, remove, verify",
  workers: "the workers: list, check, load ahead of time, stop",
  tasks: "the requests: list, cancel",
  hive: "the hive (pool manager) of a node",
  placement: "where models would run, and why",
  keys: "the API keys of the queen: make, list, revoke, what they used",
  queen: "the queen (orchestrator) on this machine",
};

/** Every command, for the help, the completion and the generated documentation. */
export async function loadAllCommands(): Promise<ReadonlyMap<string, Command>> {
  const loaded = Object.entries(commandTable).map(
    async ([path, load]) => [path, await load()] as const,
  );
  return new Map(await Promise.all(loaded));
}
