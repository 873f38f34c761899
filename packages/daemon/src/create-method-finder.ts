import type { Route } from "@rbee/contract";

interface Place {
  readonly method: string;
  readonly pattern: RegExp;
}

/** Tells which methods a path takes; none when there is no such path. */
export function createMethodFinder(
  places: readonly { readonly method: Route["method"]; readonly path: string }[],
): (path: string) => readonly string[] {
  const known: readonly Place[] = places.map(({ method, path }) => ({
    method: method.toUpperCase(),
    pattern: toPattern(path),
  }));
  return (path) => {
    const methods = known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    // What answers GET answers HEAD.
    const heads = methods.includes("GET") ? ["HEAD"] : [];
    return [...new Set([...methods, ...heads])].toSorted();
  };
}

// As the router reads them: `/a/:b`, and `/a/:b{.+}` for a part that may have slashes.
function toPattern(path: string): RegExp {
  const parts = path.split("/").map((part) => {
    if (!part.startsWith(":")) return part.replaceAll(".", "\\.");
    return part.endsWith("{.+}") ? ".+" : "[^/]+";
  });
  return new RegExp(`^${parts.join("/")}/?$`);
}
