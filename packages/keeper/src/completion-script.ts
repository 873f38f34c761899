import { groupSummaries } from "./command-table.ts";
import type { Command } from "./define-command.ts";
import { flagName } from "./flags.ts";
import type { Flag } from "./flags.ts";
import { globalFlags } from "./global-flags.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** A word that may come next, and what it is for. */
interface Word {
  readonly text: string;
  readonly summary: string;
}

/** What may follow one place in the line: after `models`, after `models pull`, ... */
interface Place {
  /** The words of the command so far: `""`, `models`, `models pull`. */
  readonly path: string;
  readonly words: readonly Word[];
  readonly flags: readonly (Word & Pick<Flag<unknown>, "placeholder" | "choices" | "completes">)[];
}

const programs = ["rbee-keeper", "rbee"] as const;

/** A script for the shell, made of the commands' own data. */
export function completionScript(shell: Shell, commands: ReadonlyMap<string, Command>): string {
  const places = listPlaces(commands);
  if (shell === "bash") return bashScript(places);
  return shell === "zsh" ? zshScript(places) : fishScript(places);
}

function listPlaces(commands: ReadonlyMap<string, Command>): readonly Place[] {
  const globals = flagWords(globalFlags);
  const help = { text: "--help", summary: "show the help" };
  const first: Word[] = [];
  const groups = new Map<string, Word[]>();
  for (const [path, { summary }] of commands) {
    const [group = "", name] = path.split(" ");
    if (name === undefined) first.push({ text: group, summary });
    else if (!groups.has(group)) first.push({ text: group, summary: groupSummaries[group] ?? "" });
    if (name !== undefined)
      groups.set(group, [...(groups.get(group) ?? []), { text: name, summary }]);
  }
  const version = { text: "--version", summary: "show the version" };
  return [
    { path: "", words: first, flags: [...globals, help, version] },
    ...[...groups].map(([path, words]) => ({ path, words, flags: [...globals, help] })),
    ...[...commands].map(([path, command]) => ({
      path,
      words: Object.values(command.arguments).flatMap(({ choices = [], summary }) =>
        choices.map((text) => ({ text, summary })),
      ),
      flags: [...flagWords(command.flags), ...globals, help],
    })),
  ];
}

function flagWords(flags: Readonly<Record<string, Flag<unknown>>>): Place["flags"] {
  return Object.entries(flags).map(([key, flag]) => ({ ...flag, text: `--${flagName(key)}` }));
}

// Words of the line that are commands; a flag's value could look like one, so values are skipped.
function valueFlags(places: readonly Place[]): string {
  const names = places.flatMap(({ flags }) =>
    flags.filter((flag) => flag.placeholder !== undefined).map((flag) => flag.text),
  );
  return [...new Set(names)].join("|");
}

function flagValues(places: readonly Place[]): ReadonlyMap<string, readonly string[]> {
  const flags = places.flatMap((place) => place.flags);
  return new Map(
    flags.flatMap(({ text, choices }) => (choices === undefined ? [] : [[text, choices] as const])),
  );
}

// What follows a whole command (its prompt, its model) is no part of the path.
function knownPaths(places: readonly Place[]): string {
  return places.map(({ path }) => `"${path}"`).join("|");
}

function bashScript(places: readonly Place[]): string {
  const cases = places.map(({ path, words, flags }) => {
    const all = [...words, ...flags].map((word) => word.text).join(" ");
    return `    "${path}") words="${all}" ;;`;
  });
  const values = [...flagValues(places)].map(
    ([flag, choices]) =>
      `    ${flag}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$word")); return ;;`,
  );
  return `# bash completion for rbee-keeper and rbee
_rbee_keeper() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path="" words="" index
  COMPREPLY=()
  case "$previous" in
${values.join("\n")}
    --config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    ${valueFlags(places)}) return ;;
  esac
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "\${COMP_WORDS[index]}" in
      ${valueFlags(places)}) ((index++)) ;;
      -*) ;;
      *) case "\${path:+$path }\${COMP_WORDS[index]}" in
        ${knownPaths(places)}) path="\${path:+$path }\${COMP_WORDS[index]}" ;;
      esac ;;
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _rbee_keeper ${programs.join(" ")}
`;
}

function zshScript(places: readonly Place[]): string {
  const cases = places.map(({ path, words, flags }) => {
    const all = [...words, ...flags].map(
      ({ text, summary }) => `'${zshEscape(text)}:${zshEscape(summary)}'`,
    );
    return `    '${path}') words_here=(${all.join(" ")}) ;;`;
  });
  const values = [...flagValues(places)].map(
    ([flag, choices]) => `    ${flag}) compadd -- ${choices.join(" ")}; return ;;`,
  );
  return `#compdef ${programs.join(" ")}
_rbee_keeper() {
  local current_path="" index
  local -a words_here
  case "\${words[CURRENT-1]}" in
${values.join("\n")}
    --config) _files; return ;;
    ${valueFlags(places)}) return ;;
  esac
  for ((index = 2; index < CURRENT; index++)); do
    case "\${words[index]}" in
      ${valueFlags(places)}) ((index++)) ;;
      -*) ;;
      *) case "\${current_path:+$current_path }\${words[index]}" in
        ${knownPaths(places)}) current_path="\${current_path:+$current_path }\${words[index]}" ;;
      esac ;;
    esac
  done
  case "$current_path" in
${cases.join("\n")}
  esac
  _describe 'rbee-keeper' words_here
}
if [ "$funcstack[1]" = "_rbee_keeper" ]; then
  _rbee_keeper "$@"
else
  compdef _rbee_keeper ${programs.join(" ")}
fi
`;
}

function zshEscape(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(":", "\\:");
}

function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap((place) => {
    const condition = `-n '__rbee_keeper_at "${place.path}"'`;
    const words = place.words.map(
      ({ text, summary }) => `${condition} -a ${text} -d ${fishQuote(summary)}`,
    );
    const flags = place.flags.map((flag) => {
      const takes = flag.placeholder === undefined ? "" : " -x";
      const choices = flag.choices === undefined ? "" : ` -a ${fishQuote(flag.choices.join(" "))}`;
      const value = flag.completes === "file" ? " -r -F" : `${takes}${choices}`;
      return `${condition} -l ${flag.text.slice(2)}${value} -d ${fishQuote(flag.summary)}`;
    });
    return [...words, ...flags];
  });
  const complete = programs.flatMap((program) => [
    `complete -c ${program} -f`,
    ...lines.map((line) => `complete -c ${program} ${line}`),
  ]);
  return `# fish completion for rbee-keeper and rbee
function __rbee_keeper_at
  set -l path
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip -eq 1
      set skip 0
      continue
    end
    switch $word
      case ${valueFlags(places).split("|").join(" ")}
        set skip 1
      case '-*'
      case '*'
        contains -- (string trim -- "$path $word") ${places.map(({ path }) => fishQuote(path)).join(" ")}
        and set -a path $word
    end
  end
  test "$path" = "$argv[1]"
end
${complete.join("\n")}
`;
}

function fishQuote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
