interface Prompted {
  readonly prompt?: string | undefined;
  readonly messages?: readonly unknown[] | undefined;
  readonly tools?: readonly unknown[] | undefined;
}

/**
 * The text of a request in the order in which a model reads it, so that requests that begin alike
 * have texts that begin alike: what is offered, then what was said.
 */
export function promptText({ prompt, messages, tools }: Prompted): string {
  const offered = tools === undefined || tools.length === 0 ? "" : JSON.stringify(tools);
  return offered + (messages === undefined ? (prompt ?? "") : JSON.stringify(messages));
}
