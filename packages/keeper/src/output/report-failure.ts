import { exitCodeOf } from "../exit-code.ts";
import type { Keeper } from "../keeper.ts";
import { renderError, renderErrorJson } from "./render-error.ts";
import type { LocalKnowledge } from "./render-error.ts";

/** Says on stderr why a command, or a turn of a conversation, failed. */
export function reportFailure(keeper: Keeper, error: unknown): void {
  const { terminal, story, globals, interrupts } = keeper;
  story.release();
  story.endBar();
  const cause = interrupts.cause();
  if (cause === "output-closed") return;
  if (exitCodeOf(error, cause) === 130) {
    terminal.writeError("\nCanceled.\n");
    return;
  }
  const known = localKnowledge(keeper);
  const style = { isVerbose: globals.verbose, hasColor: terminal.hasColor };
  terminal.writeError(
    globals.json ? renderErrorJson(error, known) : renderError(error, known, style),
  );
}

/** What the keeper can add to an error. */
export function localKnowledge(keeper: Keeper): LocalKnowledge {
  const { correlationId } = keeper;
  try {
    const { file, queenUrl, keyFile, paths } = keeper.configuration();
    const configuration = { file, queenUrl, keyFile, hiveKeyFile: paths.hiveKey };
    return { correlationId, configuration };
  } catch {
    // The configuration is what failed; its own error says all there is to say.
    return { correlationId, configuration: undefined };
  }
}
