import { EngineError } from "../engine.ts";

const memoryPatterns: readonly RegExp[] = [
  /out of memory/i,
  /OutOfDeviceMemory|OutOfHostMemory/,
  /failed to allocate|unable to allocate|cudaMalloc failed|alloc_buffer: .* failed/i,
  /insufficient .*memory|not enough memory|too large for the available/i,
];
const architecturePattern = /unknown model architecture: '([^']*)'/;

export interface FailedLoad {
  readonly modelPath: string;
  /** What llama.cpp logged last. */
  readonly logLines: readonly string[];
}

/** What llama.cpp's error means for whoever wanted the model; paths are left out of the words. */
export function explainLoadFailure(cause: unknown, load: FailedLoad): EngineError {
  if (cause instanceof EngineError) return cause;
  const hidePath = (line: string): string => line.replaceAll(load.modelPath, "the file").trim();
  const reason = hidePath(cause instanceof Error ? cause.message : String(cause));
  const logLines = load.logLines.map((line) => hidePath(line));
  const lines = [reason, ...logLines];
  const architecture = findMatch(lines, architecturePattern);
  if (architecture !== undefined) {
    const message = `llama.cpp does not know the model's architecture "${architecture}".`;
    return new EngineError("invalid-model-file", message, { cause });
  }
  if (
    isMemoryFailure(cause) ||
    lines.some((line) => memoryPatterns.some((one) => one.test(line)))
  ) {
    const message = `There is not enough memory for the model and its context: ${reason}`;
    return new EngineError("out-of-memory", message, { cause });
  }
  const said = logLines.at(-1);
  const message = said === undefined ? reason : `${reason} (llama.cpp: ${said})`;
  return new EngineError(isLoadFailure(reason) ? "invalid-model-file" : "failed", message, {
    cause,
  });
}

function findMatch(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const match = pattern.exec(line);
    if (match !== null) return match[1];
  }
  return undefined;
}

function isMemoryFailure(cause: unknown): boolean {
  return cause instanceof Error && cause.constructor.name === "InsufficientMemoryError";
}

// All that is left once memory is ruled out: the weights do not make up the model they claim to be.
function isLoadFailure(reason: string): boolean {
  return /failed to load model/i.test(reason);
}
