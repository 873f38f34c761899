/**
 * Puts a text where it can be pasted from; false when the browser does not let it. Browsers offer
 * their clipboard on https and on their own machine only: over a home network the old way is left.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "copy-field";
  // Inside of a dialog, when one is open: elsewhere the focus is not let go.
  (before?.closest("[role=dialog]") ?? document.body).append(field);
  field.select();
  // There is no other way outside of a secure context.
  // oxlint-disable-next-line typescript/no-deprecated
  const isCopied = document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return isCopied;
}
