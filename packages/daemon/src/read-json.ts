import { RbeeError } from "@rbee/contract";
import { readText } from "./read-text.ts";
import type { BodyLimit, TextSource } from "./read-text.ts";

// Text is read too: `curl -d` calls its JSON a form, and many a program does not call it anything.
const readableTypes = /^(?:application\/(?:[\w.-]+\+)?json|text\/[\w.+-]+)$/;
const formType = "application/x-www-form-urlencoded";

/**
 * The body of a request; an empty one is `{}`. Throws UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE,
 * INVALID_REQUEST.
 */
export async function readJson(request: TextSource, limit: BodyLimit): Promise<unknown> {
  requireReadable(request.header("content-type"));
  const text = await readText(request, limit);
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    const errors = [{ field: "", constraint: "json", message: "is not valid JSON" }];
    throw new RbeeError("INVALID_REQUEST", { errors }, { cause: error });
  }
}

function requireReadable(header: string | undefined): void {
  const [type = ""] = (header ?? "").split(";");
  const name = type.trim().toLowerCase();
  if (name === "" || name === formType || readableTypes.test(name)) return;
  throw new RbeeError("UNSUPPORTED_MEDIA_TYPE", { content_type: name });
}
