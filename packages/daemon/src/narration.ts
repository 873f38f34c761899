import { sizes } from "@rbee/contract";
import type { Actor, Narration } from "@rbee/contract";
import type { Logger } from "./create-logger.ts";
import { redact } from "./redact.ts";

/** A line of the story without what the narrator knows by itself. */
export type NarrationInput = Omit<Narration, "type" | "actor" | "level" | "correlation_id"> & {
  readonly level?: Narration["level"];
  readonly actor?: Actor;
};

export type Narrate = (line: NarrationInput) => void;

interface NarratorOptions {
  readonly actor: Actor;
  readonly logger: Logger;
  readonly correlationId?: string | undefined;
  /** The stream of the request that this narrator speaks for; absent: only the log hears it. */
  readonly emit?: ((event: Narration) => void) | undefined;
}

/** A narrator: every line goes to the log and, when it belongs to a request, to its stream. */
export function createNarrator({ actor, logger, correlationId, emit }: NarratorOptions): Narrate {
  return (line) => {
    const event: Narration = {
      type: "narration",
      ...line,
      actor: line.actor ?? actor,
      level: line.level ?? "info",
      human: shorten(redact(line.human), sizes.narrationCharactersMax),
      ...(line.cute === undefined
        ? {}
        : { cute: shorten(redact(line.cute), sizes.narrationCharactersMax) }),
      ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
    };
    const { human, level, type: _type, cute: _cute, ...figures } = event;
    logger[level](figures, human);
    emit?.(event);
  };
}

// Counts characters as a person does, so that an emoji is never cut in two.
function shorten(text: string, max: number): string {
  const characters = [...text];
  return characters.length <= max ? text : `${characters.slice(0, max - 1).join("")}…`;
}
