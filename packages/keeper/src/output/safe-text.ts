// Escape sequences in what a model, a log or another machine says could rewrite the terminal or
// type into it. Tabs and line ends stay.
// oxlint-disable-next-line no-control-regex -- removing control characters is the purpose
const unsafe = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** The text without control characters, for a terminal. */
export function safeText(text: string): string {
  return text.replaceAll(unsafe, "");
}
