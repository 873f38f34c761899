import { RbeeError } from "@rbee/contract";

/** Throws INVALID_REQUEST for a path that no program can read. */
export function requireDecodable(url: string): void {
  try {
    decodeURIComponent(new URL(url).pathname);
  } catch (error) {
    const errors = [
      { field: "path", constraint: "encoding", message: "has a % that is no encoded character" },
    ];
    throw new RbeeError("INVALID_REQUEST", { errors }, { cause: error });
  }
}
