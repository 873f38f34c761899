/**
 * What stands before everything that a remote command says. A login shell may greet first; whatever
 * comes before this line is not the command's.
 */
export interface Marker {
  readonly line: string;
}

/** `id` must be plain: letters, digits and hyphens. */
export function createMarker(id: string): Marker {
  return { line: `rbee-begins-${id}\n` };
}

/**
 * The command line that makes any login shell (sh, bash, dash, zsh, fish, csh, tcsh) run these
 * words exactly as they are, after the marker on both streams. Throws for a NUL: no system can have
 * one in a word.
 */
export function quoteCommand(words: readonly string[], marker: Marker): string {
  if (words.length === 0) throw new Error("a command needs a word");
  if (words.some((word) => word.includes("\0"))) throw new Error("a word cannot hold a NUL");
  const mark = quotePosix(marker.line.trimEnd());
  const script = `echo ${mark}; echo ${mark} >&2; exec ${words.map(quotePosix).join(" ")}`;
  // The login shell sees nothing but plain words and single quotes around what no shell touches
  // there; the script itself is read by sh alone.
  return `exec /bin/sh -c 'eval "$(printf %b "$0")"' '${encodeOctal(script)}'`;
}

/** One word for a POSIX shell. */
function quotePosix(word: string): string {
  if (/^[A-Za-z0-9_./:@,+-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

// In single quotes fish changes backslashes and quotes, csh changes exclamation marks and breaks
// at new lines, and bytes beyond ASCII depend on the locale: for all of these stands `\0ooo`, whose
// backslash every shell leaves alone because a zero follows it.
function encodeOctal(text: string): string {
  return [...Buffer.from(text, "utf8")]
    .map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : octalEscape(byte)))
    .join("");
}

const touched = new Set([..."'\\!"].map((character) => character.charCodeAt(0)));

function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f && !touched.has(byte);
}

function octalEscape(byte: number): string {
  return `\\0${byte.toString(8).padStart(3, "0")}`;
}
