// Wrong usage that only the command itself can see (two prompts, none at all). Ends with exit 2 and
// the usage line, as what the parser finds does.
export class UsageError extends Error {
  override readonly name = "UsageError";
}
