import rehypeHighlight from "rehype-highlight";
import { linesInPart } from "./lines-in-part.ts";

/** A piece of code; its kind is the class that gives it a colour, empty for plain text. */
export interface CodeToken {
  readonly kind: string;
  readonly text: string;
}

/** As many lines as are drawn in one go. */
export type CodePart = readonly CodeToken[];

/** Code in colours, in parts of whole lines; undefined for a language that is not known. */
export function colourCode(language: string, text: string): readonly CodePart[] | undefined {
  const code: CodeElement = {
    type: "element",
    tagName: "code",
    properties: { className: [`language-${language}`] },
    children: [{ type: "text", value: text }],
  };
  const pre: CodeElement = { type: "element", tagName: "pre", properties: {}, children: [code] };
  let isKnown = true;
  const file = { message: () => void (isKnown = false) };
  highlight({ type: "root", children: [pre] } as never, file as never);
  if (!isKnown) return undefined;
  return splitTokens(listTokens(code.children, ""));
}

const highlight = rehypeHighlight();

type CodeNode = CodeElement | { readonly type: "text"; readonly value: string };

interface CodeElement {
  readonly type: "element";
  readonly tagName: string;
  readonly properties: { readonly className?: readonly string[] };
  readonly children: readonly CodeNode[];
}

function listTokens(nodes: readonly CodeNode[], kind: string): readonly CodeToken[] {
  return nodes.flatMap((node) =>
    node.type === "text"
      ? [{ kind, text: node.value }]
      : listTokens(node.children, (node.properties.className ?? []).join(" ")),
  );
}

function splitTokens(tokens: readonly CodeToken[]): readonly CodePart[] {
  const parts: CodeToken[][] = [[]];
  let lines = 0;
  for (const { kind, text } of tokens) {
    for (const piece of text.split(/(?<=\n)/)) {
      parts.at(-1)?.push({ kind, text: piece });
      if (!piece.endsWith("\n")) continue;
      lines += 1;
      if (lines % linesInPart === 0) parts.push([]);
    }
  }
  return parts.filter((part) => part.length > 0).map(joinNeighbours);
}

// Fewer elements in the page.
function joinNeighbours(part: readonly CodeToken[]): CodePart {
  const joined: CodeToken[] = [];
  for (const token of part) {
    const last = joined.at(-1);
    if (last?.kind === token.kind) {
      joined[joined.length - 1] = { kind: token.kind, text: last.text + token.text };
    } else joined.push(token);
  }
  return joined;
}
