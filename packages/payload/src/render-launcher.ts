import { nodeFlagsOf } from "@rbee/settings";
import type { ProgramName } from "@rbee/settings";

/** What a person can type, and the program that it starts. */
export const launchers: Readonly<Record<string, ProgramName>> = {
  rbee: "rbee-keeper",
  "rbee-keeper": "rbee-keeper",
  "queen-rbee": "queen-rbee",
  "rbee-hive": "rbee-hive",
  "llm-worker-rbee": "llm-worker-rbee",
};

/**
 * A script that runs a program of the payload whose `bin` folder it is in, from wherever a link to
 * it is. The folder is resolved to where it really is, so that what runs stays with its version
 * when a newer one is put beside it. Needs only a POSIX shell.
 */
export function renderLauncher(program: ProgramName): string {
  const words = ['"$root/runtime/bin/node"', ...nodeFlagsOf(program), `"$root/${program}.js"`];
  return `#!/bin/sh
set -eu
self=$0
while [ -h "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=$(dirname -- "$self")/$target ;;
  esac
done
root=$(CDPATH='' cd -- "$(dirname -- "$self")/.." && pwd -P)
# What was compiled once need not be compiled again.
home=\${RBEE_HOME:-\${HOME:+$HOME/.rbee}}
case $home in
  /*)
    : "\${NODE_COMPILE_CACHE:=$home/cache/compile}"
    export NODE_COMPILE_CACHE
    ;;
esac
exec ${words.join(" ")} "$@"
`;
}
