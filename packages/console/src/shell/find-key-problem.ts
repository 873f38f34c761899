/**
 * What is wrong with the form of a key, for the person who pasted it. A key travels in a header:
 * what cannot stand in one would look as if the queen were away.
 */
export function findKeyProblem(text: string): string | undefined {
  const key = text.trim();
  if (key === "" || /^[\u0021-\u007E]+$/.test(key)) return undefined;
  return /\s/.test(key)
    ? "There is a space or a line break inside; a key is one word."
    : "There is a character in it that no key has; copy it once more.";
}
