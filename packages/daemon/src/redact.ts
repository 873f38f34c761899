// What must never reach a log or a person's screen, whatever text it hides in.
const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g, "[redacted PEM block]"],
  [/\b(bearer\s+)[A-Za-z0-9._~+/=-]+/gi, "$1[redacted]"],
  [/\brbee_[A-Za-z0-9_-]{20,}/g, "[redacted]"],
  [/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, "[redacted JWT]"],
  [
    /\b((?:[a-z0-9]+[_-])*(?:key|token|secret|password)["']?\s*[=:]\s*["']?)[^\s"',;&]+/gi,
    "$1[redacted]",
  ],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+@/gi, "$1[redacted]@"],
];

// Escape sequences first (colours, cursor movement), then every other control character.
// oxlint-disable-next-line no-control-regex -- removing control characters is the purpose
const escapeSequences = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|.)?/g;
// oxlint-disable-next-line no-control-regex -- removing control characters is the purpose
const controlCharacters = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Removes secrets, escape sequences and control characters; keeps tabs and line ends. */
export function redact(text: string): string {
  let clean = text.replace(escapeSequences, "").replace(controlCharacters, "");
  for (const [pattern, replacement] of secrets) clean = clean.replace(pattern, replacement);
  return clean;
}
