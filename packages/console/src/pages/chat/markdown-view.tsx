import { memo, useMemo, useRef } from "react";
import type { ComponentProps } from "react";
import Markdown from "react-markdown";
import rehypeHighlight from "rehype-highlight";
import remarkGfm from "remark-gfm";
import { CopyButton } from "../../parts/copy-button.tsx";
import { splitMarkdown } from "./split-markdown.ts";

interface MarkdownViewProps {
  readonly text: string;
  /** Its last block may still be half of what it will be. */
  readonly isGrowing: boolean;
}

// A block longer than this is shown as it was written until it is whole: to read it anew for every
// few tokens would hold the page up.
const growingCharactersMax = 1500;
// Beyond this colours cost more than they help.
const colouredCharactersMax = 30_000;

/** Markdown with code in colours. Pictures are not fetched: nothing leaves this page. */
export function MarkdownView({ text, isGrowing }: MarkdownViewProps) {
  const blocks = useMemo(() => splitMarkdown(text), [text]);
  return (
    <div className="markdown">
      {blocks.map((block, index) => {
        const isLast = isGrowing && index === blocks.length - 1;
        const isPlain = isLast && block.length > growingCharactersMax;
        // Blocks grow at the end only; those before keep their place.
        // oxlint-disable-next-line react/no-array-index-key -- a block has no name of its own
        return isPlain ? (
          <PlainBlock key={index} text={block} />
        ) : (
          <Block key={index} text={block} isGrowing={isLast} />
        );
      })}
    </div>
  );
}

function PlainBlock({ text }: { readonly text: string }) {
  return <div className="lines">{text}</div>;
}

// Colours come when a block is whole: to find them anew for every few tokens takes too long.
const Block = memo(({ text, isGrowing }: MarkdownViewProps) => (
  <Markdown
    remarkPlugins={[remarkGfm]}
    rehypePlugins={isGrowing || text.length > colouredCharactersMax ? plain : coloured}
    components={components}
  >
    {text}
  </Markdown>
));

const plain: [] = [];
const coloured = [rehypeHighlight];
const components = { img: NoPicture, a: OutsideLink, pre: CodeBlock, table: WideTable };

function NoPicture({ alt = "" }: ComponentProps<"img">) {
  return <span>[{alt === "" ? "picture" : alt}]</span>;
}

function OutsideLink({ href, children }: ComponentProps<"a">) {
  return (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}

function CodeBlock({ children }: ComponentProps<"pre">) {
  const place = useRef<HTMLPreElement>(null);
  return (
    <div className="code-block">
      <pre ref={place} tabIndex={0} aria-label="Code">
        {children}
      </pre>
      <CopyButton
        className="code-copy"
        size="compact-xs"
        label="Copy the code"
        text={() => place.current?.textContent ?? ""}
      />
    </div>
  );
}

function WideTable({ children }: ComponentProps<"table">) {
  return (
    <div className="wide-table" tabIndex={0} role="group" aria-label="Table">
      <table>{children}</table>
    </div>
  );
}
