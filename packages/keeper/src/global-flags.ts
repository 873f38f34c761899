import { ports } from "@rbee/contract";
import type { FlagValues } from "./flags.ts";
import { switchFlag, textFlag } from "./flags.ts";

const example = `http://127.0.0.1:${ports.queen}`;

/** Flags of every command, before or after its name. */
export const globalFlags = {
  queen: textFlag("url", "the queen to talk to (default: [keeper] queen_url)", {
    check: (text) => (isHttpUrl(text) ? undefined : `A URL is needed, like ${example}.`),
  }),
  config: textFlag("file", "the configuration to use", { completes: "file" }),
  json: switchFlag("print results as JSON on stdout, errors as JSON on stderr"),
  quiet: switchFlag("no narration, only results and errors"),
  verbose: switchFlag("more narration, correlation ids, stack traces"),
  plain: switchFlag("no emoji and no redrawing"),
  noColor: switchFlag("no colours"),
};
export type GlobalValues = FlagValues<typeof globalFlags>;

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.hostname !== "";
}
