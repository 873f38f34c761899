import { RbeeError } from "@rbee/contract";
import { createConsoleClient } from "./console-client.ts";
import type { ConsoleClient } from "./console-client.ts";

/** Who speaks to the queen: with a key when she needs one. The key is never part of an address. */
export interface ConsoleSession {
  readonly queen: ConsoleClient;
  readonly hasKey: () => boolean;
  /** Kept for this tab, or for this browser when the person wants that. */
  readonly signIn: (key: string, isRemembered: boolean) => void;
  readonly signOut: () => void;
  /** Calls back whenever the key has changed or was refused; returns how to stop that. */
  readonly onChange: (listener: () => void) => () => void;
}

const refusals = ["MISSING_API_KEY", "INVALID_API_KEY", "KEY_EXPIRED", "KEY_REVOKED"] as const;
const storageKey = "rbee.key";

/** The part of the browser that a session needs. */
export interface SessionBrowser {
  readonly origin: string;
  readonly tabStorage: Storage;
  readonly lastingStorage: Storage;
  /** Tells `storage` when another tab has written to what lasts. */
  readonly otherTabs: Pick<EventTarget, "addEventListener">;
}

export function createConsoleSession(browser: SessionBrowser): ConsoleSession {
  const { tabStorage, lastingStorage } = browser;
  const listeners = new Set<() => void>();
  const readKey = () =>
    tabStorage.getItem(storageKey) ?? lastingStorage.getItem(storageKey) ?? undefined;
  let key = readKey();
  const use = (next: string | undefined) => {
    key = next;
    for (const listener of listeners) listener();
  };
  const forget = () => {
    tabStorage.removeItem(storageKey);
    lastingStorage.removeItem(storageKey);
  };
  const client = createConsoleClient({ baseUrl: browser.origin, key: () => key });
  // A key that is needed since, or counts no more, also closes what was opened before.
  const call: ConsoleClient["call"] = async (name, options) => {
    try {
      return await client.call(name, options);
    } catch (error) {
      if (refusals.some((code) => RbeeError.is(error, code))) use(key);
      throw error;
    }
  };
  // Who signs out in one tab is out in all that shared the key.
  browser.otherTabs.addEventListener("storage", () => {
    if (readKey() !== key) use(readKey());
  });
  return {
    queen: { ...client, call },
    hasKey: () => key !== undefined,
    signIn(next, isRemembered) {
      forget();
      (isRemembered ? lastingStorage : tabStorage).setItem(storageKey, next);
      use(next);
    },
    signOut() {
      forget();
      use(undefined);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
