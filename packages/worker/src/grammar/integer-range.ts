import { oneOf } from "./grammar-rules.ts";

// Every integer of so many digits is exact in JSON readers.
const digitsMax = 15;
const absoluteMax = 10 ** digitsMax - 1;

export interface IntegerBounds {
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
}

/** A grammar's expression for the integers from minimum to maximum, undefined when there are none. */
export function spellIntegerRange({ minimum, maximum }: IntegerBounds): string | undefined {
  const low = Math.max(Math.ceil(minimum ?? -absoluteMax), -absoluteMax);
  const high = Math.min(Math.floor(maximum ?? absoluteMax), absoluteMax);
  if (low > high) return undefined;
  const choices: string[] = [];
  if (low < 0) choices.push(`"-" ${oneOf(spellNaturals(Math.max(1, -high), -low))}`);
  if (high >= 0) choices.push(...spellNaturals(Math.max(0, low), high));
  return oneOf(choices);
}

// One choice or more for each number of digits, so that none begins with a zero.
function spellNaturals(low: number, high: number): string[] {
  const choices: string[] = [];
  for (let digits = String(low).length; digits <= String(high).length; digits += 1) {
    const first = digits === 1 ? 0 : 10 ** (digits - 1);
    const from = String(Math.max(low, first));
    const to = String(Math.min(high, 10 ** digits - 1));
    choices.push(...spellDigits(from, to));
  }
  return choices;
}

// Both have the same number of digits.
function spellDigits(from: string, to: string): string[] {
  const rest = from.length - 1;
  if (/^0*$/.test(from) && /^9*$/.test(to)) return [`[0-9]{${from.length}}`];
  const [low, high] = [Number(from[0]), Number(to[0])];
  if (rest === 0) return [`[${low}-${high}]`];
  if (low === high) return [`"${low}" ${oneOf(spellDigits(from.slice(1), to.slice(1)))}`];
  const choices: string[] = [];
  const isWholeLow = /^0*$/.test(from.slice(1));
  const isWholeHigh = /^9*$/.test(to.slice(1));
  const [inner, outer] = [isWholeLow ? low : low + 1, isWholeHigh ? high : high - 1];
  if (!isWholeLow) choices.push(`"${low}" ${oneOf(spellDigits(from.slice(1), "9".repeat(rest)))}`);
  if (inner <= outer) choices.push(`[${inner}-${outer}] [0-9]{${rest}}`);
  if (!isWholeHigh) choices.push(`"${high}" ${oneOf(spellDigits("0".repeat(rest), to.slice(1)))}`);
  return choices;
}
