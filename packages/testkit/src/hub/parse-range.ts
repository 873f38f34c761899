export type ParsedRange =
  | { readonly kind: "all" }
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  | { readonly kind: "unsatisfiable" };

/** Reads a `Range` header with one range, as servers of files do; several ranges are ignored. */
export function parseRange(header: string | undefined, sizeBytes: number): ParsedRange {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === "" && to === "") return { kind: "all" };
  const last = sizeBytes - 1;
  const start = from === "" ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const end = from === "" || to === "" ? last : Math.min(last, Number(to));
  if (start > last || end < start) return { kind: "unsatisfiable" };
  return { kind: "part", start, end };
}
