const bytes = 16;

/**
 * A name that nothing else has. Not `crypto.randomUUID`: browsers offer it on https and on their
 * own machine only, and this page is opened over a home network too.
 */
export function newId(): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
