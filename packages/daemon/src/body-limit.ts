import { sizes } from "@rbee/contract";
import type { Route } from "@rbee/contract";
import type { BodyLimit } from "./read-text.ts";

export interface BodyLimits {
  /** `sizes.bodyMaxBytes` by default. */
  readonly bodyMaxBytes?: number;
  /** Of chats, as it is configured now; the default of the contract by default. */
  readonly chatBodyLimit?: () => BodyLimit;
}

/** How large the body of a request may be. */
export function bodyLimitOf({ isChat = false }: Route, limits: BodyLimits): BodyLimit {
  const { bodyMaxBytes = sizes.bodyMaxBytes, chatBodyLimit } = limits;
  if (!isChat) return { bytes: bodyMaxBytes };
  return chatBodyLimit?.() ?? { bytes: sizes.chatBodyMb.default * sizes.bytesPerMb };
}
