import { HubRefusal } from "./hub-refusal.ts";

/** No byte came for as long as one may wait. */
export class StallError extends Error {
  readonly seconds: number;

  constructor(seconds: number) {
    super(`no byte for ${seconds} s`);
    this.seconds = seconds;
  }
}

/** What came is not what was asked for. */
export class ContentError extends Error {}

const causes: Readonly<Record<string, string>> = {
  ECONNRESET: "the connection was reset",
  ECONNREFUSED: "the connection was refused",
  ENOTFOUND: "the hub's name does not resolve",
  EAI_AGAIN: "the hub's name does not resolve",
  ETIMEDOUT: "the connection timed out",
  EHOSTUNREACH: "there is no route to the hub",
  ENETUNREACH: "there is no route to the hub",
  EPIPE: "the connection was closed",
  CERT_HAS_EXPIRED: "the hub's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the hub's certificate is not signed by anybody known",
  SELF_SIGNED_CERT_IN_CHAIN: "the hub's certificate is not signed by anybody known",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the hub's certificate is not signed by anybody known",
};

/** Why an attempt broke, in words for the person who waits. */
export function describeCause(error: unknown): string {
  if (error instanceof HubRefusal || error instanceof StallError || error instanceof ContentError) {
    return error.message;
  }
  const { code } = error as NodeJS.ErrnoException;
  // Several addresses were tried; the first failure says as much as all of them.
  if (code === undefined && error instanceof AggregateError) return describeCause(error.errors[0]);
  if (code !== undefined) return causes[code] ?? `the connection failed (${code})`;
  return "the hub's answer could not be read";
}
