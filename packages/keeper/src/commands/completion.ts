import { loadAllCommands } from "../command-table.ts";
import { defineCommand } from "../define-command.ts";
import { completionScript, shells } from "../completion-script.ts";
import type { Shell } from "../completion-script.ts";

export const completionCommand = defineCommand({
  summary: "the script that completes commands and flags in a shell",
  examples: [
    "rbee-keeper completion bash > ~/.local/share/bash-completion/completions/rbee-keeper",
    "rbee-keeper completion zsh > ~/.zfunc/_rbee-keeper",
    "rbee-keeper completion fish > ~/.config/fish/completions/rbee-keeper.fish",
  ],
  arguments: { shell: { summary: "which shell", choices: shells } },
  flags: {},
  run: async ({ keeper, arguments: { shell } }) => {
    const commands = await loadAllCommands();
    await keeper.terminal.writeOutput(completionScript(shell as Shell, commands));
    return undefined;
  },
});
