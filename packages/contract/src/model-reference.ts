import { bundledModelReference, patterns, sizes } from "./limits.ts";

/** A model reference, taken apart. `variant` is a quantisation (`Q8_0`), `file` a path in the repository. */
export type ModelReference =
  | { readonly provider: "bundled"; readonly text: string; readonly name: string }
  | { readonly provider: "file"; readonly text: string; readonly path: string }
  | {
      readonly provider: "hf";
      readonly text: string;
      readonly repository: string;
      readonly variant?: string;
      readonly file?: string;
    };

const hubName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const hubVariant = /^[A-Za-z0-9][A-Za-z0-9_.]*$/;

// Control characters have no business in a path that will be shown and logged.
// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const controlCharacter = /[\u0000-\u001f\u007f]/;

/**
 * Reads a model reference, or returns undefined when it has none of the known forms:
 * `hello-bee`, `hf:org/repo`, `hf:org/repo:Q8_0`, `hf:org/repo/file.gguf`, `file:/absolute.gguf`
 * (`file:///...` too). Aliases are replaced before this is called. Nothing is guessed.
 */
export function parseModelReference(text: string): ModelReference | undefined {
  if (text.length === 0 || text.length > sizes.modelReferenceMax) return undefined;
  if (text.startsWith("file:")) return parseFileReference(text);
  if (!patterns.modelReference.test(text) || text.includes("..")) return undefined;
  if (text === bundledModelReference) return { provider: "bundled", text, name: text };
  if (text.startsWith("hf:")) return parseHubReference(text);
  return undefined;
}

function parseFileReference(text: string): ModelReference | undefined {
  const path = text.slice("file:".length).replace(/^\/\/(?=\/)/, "");
  if (!path.startsWith("/") || path.startsWith("//") || controlCharacter.test(path))
    return undefined;
  if (!path.toLowerCase().endsWith(".gguf")) return undefined;
  return { provider: "file", text: `file:${path}`, path };
}

function parseHubReference(text: string): ModelReference | undefined {
  const [name = "", variant, ...rest] = text.slice("hf:".length).split(":");
  const [organisation = "", repository = "", ...path] = name.split("/");
  if (rest.length > 0 || !hubName.test(organisation) || !hubName.test(repository)) return undefined;
  const repositoryName = `${organisation}/${repository}`;
  if (path.length > 0) {
    const isFile = path.every((part) => hubName.test(part)) && /\.gguf$/i.test(name);
    if (!isFile || variant !== undefined) return undefined;
    return { provider: "hf", text, repository: repositoryName, file: path.join("/") };
  }
  if (variant === undefined) return { provider: "hf", text, repository: repositoryName };
  if (!hubVariant.test(variant)) return undefined;
  return { provider: "hf", text, repository: repositoryName, variant };
}

/** One example of each form, for the error that refuses anything else. */
export const modelReferenceForms = [
  "hello-bee",
  "hf:org/repo",
  "hf:org/repo:Q8_0",
  "hf:org/repo/file.gguf",
  "file:/absolute/path.gguf",
] as const;
