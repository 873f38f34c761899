import { errorEntry, RbeeError } from "@rbee/contract";
import { AdvisedError } from "../advised-error.ts";
import { RemoteError } from "../remote-error.ts";
import { paint } from "./render-narration.ts";
import { safeText } from "./safe-text.ts";

/** What the keeper knows beyond the error itself. */
export interface LocalKnowledge {
  readonly correlationId: string;
  /** Undefined while the configuration could not be read. */
  readonly configuration:
    | {
        readonly file: string | null;
        readonly queenUrl: string;
        readonly keyFile: string | undefined;
        readonly hiveKeyFile: string;
      }
    | undefined;
}

interface ErrorStyle {
  readonly isVerbose: boolean;
  readonly hasColor: boolean;
}

export interface DescribedError {
  readonly code: string;
  readonly message: string;
  readonly lines: readonly string[];
  readonly hints: readonly string[];
  readonly details: object;
}

/** What happened, the figures, what to do next. */
export function renderError(error: unknown, known: LocalKnowledge, style: ErrorStyle): string {
  const { code, message, lines, hints } = describeError(error, known);
  const title = style.hasColor ? paint("red", "Error:") : "Error:";
  const shown = [
    `${title} ${message} [${code}]`,
    ...lines.map((line) => `  ${line}`),
    ...hints.map((hint) => `  ${style.hasColor ? paint("bold", "→") : "->"} ${hint}`),
  ];
  if (style.isVerbose) {
    shown.push(`  Correlation id: ${known.correlationId}`, ...stackLines(error));
  }
  return `${shown.map(safeText).join("\n")}\n`;
}

/** The same for programs: one line. */
export function renderErrorJson(error: unknown, known: LocalKnowledge): string {
  const { code, message, lines, hints, details } = describeError(error, known);
  const body = { code, message, explain: lines, hints, details };
  return `${JSON.stringify({ error: { ...body, correlation_id: known.correlationId } })}\n`;
}

/** The same in its parts. */
export function describeError(error: unknown, known: LocalKnowledge): DescribedError {
  if (error instanceof AdvisedError) {
    const inner = describeError(error.cause, known);
    return {
      ...inner,
      lines: [...inner.lines, ...error.lines],
      hints: [...error.hints, ...inner.hints],
    };
  }
  if (error instanceof RemoteError) {
    const { code, message, details } = error.body;
    const hints = ["This rbee-keeper does not know that error; is it older than the queen?"];
    return { code, message, lines: [], hints, details };
  }
  if (!RbeeError.is(error)) {
    const internal = new RbeeError("INTERNAL_ERROR", {}, { cause: error });
    const inner = describeError(internal, known);
    return { ...inner, lines: [`Because: ${deepestMessage(error)}`, ...inner.lines] };
  }
  const entry = errorEntry(error.code);
  if (RbeeError.is(error, "INVALID_REQUEST") && error.details.errors.length > 1) {
    const lines = error.details.errors.map(({ field, message }) => `${field} ${message}`.trim());
    const message = `The request is not valid, in ${lines.length} ways:`;
    return {
      code: error.code,
      message,
      lines,
      hints: entry.hint(error.details),
      details: { ...error.details },
    };
  }
  return {
    code: error.code,
    message: error.message,
    lines: [...(entry.explain?.(error.details) ?? []), ...localLines(error, known)],
    hints: entry.hint(error.details),
    details: { ...error.details },
  };
}

function localLines(error: RbeeError, { configuration, correlationId }: LocalKnowledge): string[] {
  if (RbeeError.is(error, "INTERNAL_ERROR")) return [`Correlation id: ${correlationId}`];
  const isKeyProblem =
    RbeeError.is(error, "INVALID_API_KEY") || RbeeError.is(error, "MISSING_API_KEY");
  if (!isKeyProblem || configuration === undefined) return [];
  const { program, host, key_file: named } = error.details;
  const { file, keyFile, hiveKeyFile, queenUrl } = configuration;
  const inUse = `Configuration in use: ${file ?? "none; the defaults apply"}`;
  if (program !== "queen-rbee") {
    const own = `Key file for a hive on this machine: ${hiveKeyFile}`;
    return named === undefined ? [own, inUse] : [inUse];
  }
  return [
    ...(host === undefined ? [describeRefusal(error, new URL(queenUrl).host)] : []),
    `Key file in use: ${keyFile ?? "none ([keeper] api_key_file is not set)"}`,
    inUse,
  ];
}

function describeRefusal({ code }: RbeeError, host: string): string {
  return code === "MISSING_API_KEY" ? `${host} wants a key.` : `Invalid key for ${host}.`;
}

function deepestMessage(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return current instanceof Error ? current.message : String(current);
}

function stackLines(error: unknown): string[] {
  const stacks: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) {
    stacks.push(...(current.stack ?? "").split("\n").map((line) => `  ${line}`));
  }
  return stacks;
}
