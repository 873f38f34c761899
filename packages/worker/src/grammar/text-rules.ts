import { spellCharacters } from "./grammar-rules.ts";
import type { GrammarRules } from "./grammar-rules.ts";

/** A text that may not simply be said: once it stands there, what follows is held to `next`. */
export interface Trigger {
  readonly text: string;
  /** The name of a rule. */
  readonly next: string;
}

/**
 * A rule for free text, also none at all, that turns into something else at the first of the
 * triggers, wherever in the text it stands. It is the automaton that finds these texts, with a rule
 * for each state; so no trigger passes unseen, whatever the tokens are cut like. No trigger may
 * begin another one.
 */
export function addTextRules(rules: GrammarRules, triggers: readonly Trigger[]): string {
  const states = reserveStates(rules, triggers);
  const alphabet = new Set(triggers.flatMap(({ text }) => [...text]));
  const start = states.get("") ?? "";
  const other = `[^\\x00${spellCharacters(alphabet)}] ${start}`;
  for (const { prefix, name } of listPrefixes(triggers, states)) {
    const steps = [...alphabet].map((character) => ({
      character,
      target: findLongestSuffix(prefix + character, states) ?? start,
    }));
    rules.define(name, ["", ...spellSteps(steps), other].join(" | "));
  }
  return start;
}

/** The same for triggers that only count where the text begins. */
export function addOpeningRules(rules: GrammarRules, triggers: readonly Trigger[]): string {
  const states = reserveStates(rules, triggers);
  const anything = rules.add("[^\\x00]*");
  for (const { prefix, name } of listPrefixes(triggers, states)) {
    const steps = [...states]
      .filter(([text]) => text.length === prefix.length + 1 && text.startsWith(prefix))
      .map(([text, target]) => ({ character: text.slice(prefix.length), target }));
    const known = spellCharacters(steps.map(({ character }) => character));
    const others = `[^\\x00${known}] ${anything}`;
    rules.define(name, ["", ...spellSteps(steps), others].join(" | "));
  }
  return states.get("") ?? "";
}

// Every beginning of a trigger is a state with a rule of its own; a whole trigger is its `next`.
function reserveStates(
  rules: GrammarRules,
  triggers: readonly Trigger[],
): ReadonlyMap<string, string> {
  const states = new Map<string, string>();
  for (const { text, next } of triggers) {
    for (let length = 0; length < text.length; length += 1) {
      const prefix = text.slice(0, length);
      if (!states.has(prefix)) states.set(prefix, rules.reserve());
    }
    states.set(text, next);
  }
  return states;
}

function listPrefixes(triggers: readonly Trigger[], states: ReadonlyMap<string, string>) {
  const whole = new Set(triggers.map(({ text }) => text));
  return [...states]
    .filter(([prefix]) => !whole.has(prefix))
    .map(([prefix, name]) => ({ prefix, name }));
}

function findLongestSuffix(text: string, states: ReadonlyMap<string, string>): string | undefined {
  for (let start = 0; start < text.length; start += 1) {
    const target = states.get(text.slice(start));
    if (target !== undefined) return target;
  }
  return undefined;
}

function spellSteps(steps: readonly { character: string; target: string }[]): string[] {
  const charactersByTarget = new Map<string, string[]>();
  for (const { character, target } of steps) {
    charactersByTarget.set(target, [...(charactersByTarget.get(target) ?? []), character]);
  }
  return [...charactersByTarget].map(
    ([target, characters]) => `[${spellCharacters(characters)}] ${target}`,
  );
}
