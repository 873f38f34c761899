import { memo, useDeferredValue, useMemo, useRef } from "react";
import type { ComponentProps } from "react";
import Markdown from "react-markdown";
import rehypeHighlight from "rehype-highlight";
import remarkGfm from "remark-gfm";
import { CopyButton } from "../../parts/copy-button.tsx";
import { findOpenCode, splitLines, splitMarkdown } from "./split-markdown.ts";

interface MarkdownViewProps {
  readonly text: string;
  /** Its last block may still be half of what it will be. */
  readonly isGrowing: boolean;
}

// A block longer than this is shown as it was written until it is whole: to read it anew for every
// few tokens would hold the page up.
const growingCharactersMax = 1500;
// Beyond this colours cost more than they help.
const colouredCharactersMax = 12_000;

/** Markdown with code in colours. Pictures are not fetched: nothing leaves this page. */
export function MarkdownView({ text, isGrowing }: MarkdownViewProps) {
  const latest = useMemo(() => ({ text, isGrowing }), [text, isGrowing]);
  // Drawn block by block, and between two of them the browser sees to the person.
  const drawn = useDeferredValue(latest, nothing);
  const blocks = useMemo(() => splitMarkdown(drawn.text), [drawn]);
  return (
    <div className="markdown">
      {blocks.map((block, index) => {
        const isLast = drawn.isGrowing && index === blocks.length - 1;
        // Blocks grow at the end only; those before keep their place.
        // oxlint-disable-next-line react/no-array-index-key -- a block has no name of its own
        return isLast ? (
          <GrowingBlock key={index} text={block} />
        ) : (
          <Block key={index} text={block} />
        );
      })}
    </div>
  );
}

const nothing: MarkdownViewProps = { text: "", isGrowing: false };

interface BlockProps {
  readonly text: string;
}

const GrowingBlock = memo(({ text }: BlockProps) => {
  const code = findOpenCode(text);
  if (code !== undefined) return <GrowingCode text={code} />;
  // It begins with a fence and is whole.
  if (text.startsWith("```") || text.startsWith("~~~")) return <Block text={text} />;
  if (text.length > growingCharactersMax) return <div className="lines">{text}</div>;
  return (
    <Markdown remarkPlugins={[remarkGfm]} components={components}>
      {text}
    </Markdown>
  );
});

// In parts, so that the browser lays out anew only the last of them; colours come when it is whole.
function GrowingCode({ text }: BlockProps) {
  const parts = useMemo(() => splitLines(text, linesInPart), [text]);
  return (
    <CodeBlock>
      <code>
        {parts.map((part, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- parts keep their place too
          <span key={index} className="code-part">
            {part}
          </span>
        ))}
      </code>
    </CodeBlock>
  );
}

const linesInPart = 30;

const Block = memo(({ text }: BlockProps) => (
  <Markdown
    remarkPlugins={[remarkGfm]}
    rehypePlugins={text.length > colouredCharactersMax ? plain : coloured}
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
