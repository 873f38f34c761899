import { isValidElement, memo, useDeferredValue, useMemo } from "react";
import type { ComponentProps } from "react";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { CodeView } from "./code-view.tsx";
import { readCodeBlock, splitMarkdown } from "./split-markdown.ts";

interface MarkdownViewProps {
  readonly text: string;
  /** Its last block may still be half of what it will be. */
  readonly isGrowing: boolean;
}

// A block longer than this is shown as it was written until it is whole: to read it anew for every
// few tokens would hold the page up.
const growingCharactersMax = 1500;

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
        return <Block key={index} text={block} isGrowing={isLast} />;
      })}
    </div>
  );
}

const nothing: MarkdownViewProps = { text: "", isGrowing: false };

const Block = memo(({ text, isGrowing }: MarkdownViewProps) => {
  const code = readCodeBlock(text);
  if (code !== undefined) {
    const { language, isWhole } = code;
    return <CodeView language={language} text={code.text} isGrowing={isGrowing && !isWhole} />;
  }
  if (isGrowing && text.length > growingCharactersMax) return <div className="lines">{text}</div>;
  return (
    <Markdown remarkPlugins={plugins} components={isGrowing ? growingParts : wholeParts}>
      {text}
    </Markdown>
  );
});

const plugins = [remarkGfm];
const parts = { img: NoPicture, a: OutsideLink, table: WideTable };
const wholeParts = { ...parts, pre: createInnerCode(false) };
const growingParts = { ...parts, pre: createInnerCode(true) };

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

/** Shows code that is a part of a list or of a quotation, or that is just indented. */
function createInnerCode(isGrowing: boolean) {
  return function InnerCode({ children }: ComponentProps<"pre">) {
    const code = isValidElement<ComponentProps<"code">>(children) ? children.props : {};
    const language = /language-(\S+)/.exec(code.className ?? "")?.[1] ?? "";
    const text = typeof code.children === "string" ? code.children : "";
    return <CodeView language={language} text={text} isGrowing={isGrowing} />;
  };
}

function WideTable({ children }: ComponentProps<"table">) {
  return (
    <div className="wide-table" tabIndex={0} role="group" aria-label="Table">
      <table>{children}</table>
    </div>
  );
}
