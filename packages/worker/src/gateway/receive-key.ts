import { RbeeError, sizes } from "@rbee/contract";
import { watchLifeline } from "@rbee/daemon";

interface ReceiveKeyOptions {
  readonly descriptor: number;
  readonly timeoutMs: number;
  /** The other end was closed after the key had come: our owner is gone. */
  readonly onOwnerGone: () => void;
}

/**
 * The first line that comes through a descriptor is the key; afterwards the descriptor only tells
 * that our owner lives. Throws INSECURE_SECRET when no usable key comes.
 */
export async function receiveKey(options: ReceiveKeyOptions): Promise<string> {
  const { descriptor, timeoutMs } = options;
  const key = Promise.withResolvers<string>();
  const refuse = (reason: string) =>
    key.reject(new RbeeError("INSECURE_SECRET", { path: `descriptor ${descriptor}`, reason }));
  const timer = setTimeout(() => refuse(`gave no key within ${timeoutMs / 1000} s`), timeoutMs);
  let hasKey = false;
  const onEnd = () => {
    if (hasKey) options.onOwnerGone();
    else refuse("ended before a key came");
  };
  const onLine = (line: string) => {
    const isShort = line.length < sizes.keyCharactersMin;
    if (!hasKey && isShort) refuse(`gave fewer than ${sizes.keyCharactersMin} characters`);
    if (hasKey || isShort) return;
    hasKey = true;
    key.resolve(line);
  };
  try {
    watchLifeline(descriptor, onEnd, onLine);
  } catch {
    refuse("cannot be read");
  }
  try {
    return await key.promise;
  } finally {
    clearTimeout(timer);
  }
}
